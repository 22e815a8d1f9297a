import { Badge, Progress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Session } from '#contract/http.ts';
import type { LampName, LampShow } from '#contract/lamps.ts';
import type { State, Status } from '#contract/status.ts';
import { useLive } from '#ui/shell/live.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useServer, useWatched } from '#ui/shell/server.ts';
import { Loaded } from '#ui/shell/trouble.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import { PanelButton } from './button.tsx';
import { Light } from './lamp.tsx';
import styles from './panel.module.css';
import { LAMP_ORDER, meaningOf, NOT_KNOWN } from './rhythm.ts';

/** Often enough that a picture without the live bus is never older than one lamp rhythm or two. */
const POLL_MS = 5000;

/** The live picture of the panel: each lamp as it shows, and beside it what that means and why. */
export function Panel({ session }: { session: Session }) {
  const { api, answers } = useServer();
  const live = useLive();
  const reached = useWatched(answers);
  const status = useQuery({
    queryKey: ['status'],
    queryFn: api.status,
    refetchInterval: live.connected ? false : POLL_MS,
  });
  const fresh = live.connected || (reached && !status.isError);
  const showing = (now: Status, lamp: LampName): LampShow =>
    fresh ? (live.lamps[lamp] ?? now.lamps[lamp] ?? NOT_KNOWN) : NOT_KNOWN;
  return (
    <Section title={words.panel.title} beside={<Freshness connected={live.connected} fresh={fresh} />}>
      <Loaded query={status}>
        {(now) => (
          <>
            <ul className={styles['fascia']}>
              {LAMP_ORDER.map((lamp) => (
                <LampRow
                  key={lamp}
                  lamp={lamp}
                  shows={showing(now, lamp)}
                  reason={fresh ? reasonFor(now, lamp) : undefined}
                  armingStep={lamp === 'override' ? live.armingStep : 0}
                />
              ))}
            </ul>
            {fresh ? null : <Text size="sm">{words.panel.noNews}</Text>}
            {live.link === undefined || live.link === 'ready' ? null : (
              <Text size="sm">{words.panel.noLink}</Text>
            )}
            {session.screenButton ? (
              <div className={styles['hand']}>
                <PanelButton press={live.press} usable={live.connected} />
                <Arming step={live.armingStep} />
              </div>
            ) : null}
            <Text size="xs" c="dimmed">
              {words.panel.version(now.version)} · {words.panel.index(now.index.names, now.index.lists)}
            </Text>
          </>
        )}
      </Loaded>
    </Section>
  );
}

interface LampRowProps {
  readonly lamp: LampName;
  readonly shows: LampShow;
  readonly reason: string | undefined;
  readonly armingStep: number;
}

function LampRow({ lamp, shows, reason, armingStep }: LampRowProps) {
  return (
    <li className={styles['row']}>
      <span className={styles['plate']}>
        <Light shows={shows} armingStep={armingStep} />
        <span className={styles['label']}>{TERMS.lamps[lamp]}</span>
      </span>
      <span className={styles['words']}>
        <Text component="span" fw={600} display="block">
          {meaningOf(lamp, shows)}
        </Text>
        <Text component="span" size="sm" c="dimmed" display="block">
          {TERMS.colours[shows.colour]}
          {shows.colour === 'dark' ? '' : `, ${TERMS.rhythms[shows.rhythm]}`}
          {reason ? ` · ${reason}` : ''}
        </Text>
      </span>
    </li>
  );
}

function reasonFor(status: Status, lamp: LampName): string | undefined {
  const states: Record<LampName, State | undefined> = {
    power: undefined,
    filter: status.filter,
    internet: status.upstream,
    check: status.check,
    override: status.override,
  };
  return states[lamp]?.reason;
}

function Freshness({ connected, fresh }: { connected: boolean; fresh: boolean }) {
  const how = connected ? words.panel.live : fresh ? words.panel.polled : words.panel.silent;
  return (
    <Badge variant="default" tt="none" fw={500}>
      {how}
    </Badge>
  );
}

function Arming({ step }: { step: number }) {
  return (
    <div className={styles['arming']} role="status">
      {step > 0 ? (
        <>
          <Text size="sm">{words.panel.arming(step)}</Text>
          <Progress value={step * 20} aria-label={words.panel.arming(step)} />
        </>
      ) : null}
    </div>
  );
}
