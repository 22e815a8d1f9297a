import { Text } from '@mantine/core';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { words } from '#ui/words.ts';
import styles from './panel.module.css';

interface ButtonProps {
  readonly press: (edge: 'down' | 'up') => void;
  readonly usable: boolean;
}

/** How long a press lasts that assistive software makes without edges of its own. */
const CLICK_MS = 150;

/** The panel's button on the screen: sends its edges and decides nothing. Leaving it in any way lets it go. */
export function PanelButton({ press, usable }: ButtonProps) {
  const [held, setHeld] = useState(false);
  const holding = useRef(false);
  const hint = useId();
  const down = () => {
    if (holding.current || !usable) return;
    holding.current = true;
    setHeld(true);
    press('down');
  };
  const up = () => {
    if (!holding.current) return;
    holding.current = false;
    setHeld(false);
    press('up');
  };
  const leave = useRef(up);
  leave.current = up;
  useEffect(() => () => leave.current(), []);
  const edge = (event: KeyboardEvent, act: () => void) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) act();
  };
  const click = (detail: number) => {
    if (detail !== 0 || holding.current) return;
    down();
    setTimeout(() => leave.current(), CLICK_MS);
  };
  return (
    <>
      <button
        type="button"
        className={styles['button']}
        data-held={held}
        aria-describedby={hint}
        aria-disabled={!usable}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          if (event.button === 0) down();
        }}
        onPointerUp={up}
        onPointerCancel={up}
        onLostPointerCapture={up}
        onBlur={up}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => edge(event, down)}
        onKeyUp={(event) => edge(event, up)}
        onClick={(event) => click(event.detail)}
      >
        {words.panel.button}
      </button>
      <Text id={hint} size="sm" c="dimmed">
        {usable ? words.panel.buttonHint : words.panel.buttonWaits}
      </Text>
    </>
  );
}
