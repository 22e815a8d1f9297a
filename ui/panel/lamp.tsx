import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import type { LampShow } from '#contract/lamps.ts';
import styles from './panel.module.css';
import { armingBeat, beatOf } from './rhythm.ts';

/** One light of the picture, in its colour and rhythm; all lights beat in phase. `armingStep` above 0 takes over. */
export function Light({ shows, armingStep = 0 }: { shows: LampShow; armingStep?: number }) {
  const light = useRef<HTMLSpanElement>(null);
  const still = useReducedMotion();
  const { rhythm } = shows;
  useEffect(() => {
    const beat = armingStep > 0 ? armingBeat(armingStep) : beatOf(rhythm);
    if (!beat || still) return;
    const animation = light.current?.animate([...beat.keyframes], {
      duration: beat.durationMs,
      iterations: Number.POSITIVE_INFINITY,
    });
    if (animation) animation.startTime = 0;
    return () => animation?.cancel();
  }, [rhythm, armingStep, still]);
  const colour = armingStep > 0 ? 'amber' : shows.colour;
  const dark = colour === 'dark' || (rhythm === 'off' && armingStep === 0);
  return (
    <span className={styles['socket']} aria-hidden="true">
      <span
        ref={light}
        className={styles['light']}
        data-colour={dark ? 'dark' : colour}
        data-rhythm={rhythm}
      />
    </span>
  );
}
