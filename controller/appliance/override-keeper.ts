import type { Override } from '#contract/override.ts';
import type { Settings } from '#contract/settings.ts';
import type { ButtonPressed } from '#contract/topics.ts';
import { endIfDue, NO_OVERRIDE, overrideFrom } from '#panel/override.ts';
import { entriesOf, type HeardPresses, hear, heardFrom, pressed, startedBy } from '#panel/pressed.ts';
import type { Records } from '#records/records.ts';
import { inTurn } from './in-turn.ts';

export interface OverrideKeeperOptions {
  readonly records: Pick<Records, 'append' | 'entries'>;
  readonly now: () => Temporal.Instant;
  readonly claimed: () => boolean;
  readonly settings: () => Settings['override'];
  readonly newWarnings: () => readonly string[];
  /** What is in force has changed, and is on disk. */
  readonly onChange: (override: Override) => void;
  readonly onAcknowledge: (warnings: readonly string[]) => void;
  readonly onLampTest: () => void;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** What stands beside the policy for a while. Every change is in the ledger before it takes effect. */
export interface OverrideKeeper {
  current(): Override;
  press(press: ButtonPressed): Promise<void>;
  /** Ends what has run out. */
  endIfDue(): Promise<void>;
}

/** Goes on with what was in force before a restart, unless its time is up. */
export async function openOverrideKeeper(options: OverrideKeeperOptions): Promise<OverrideKeeper> {
  const { records, now } = options;
  const step = inTurn();
  const history = await records.entries({
    kinds: ['override.started', 'override.ended', 'button.pressed'],
    limit: 1000,
  });
  const found = overrideFrom(history, now());
  if (found.owed) await records.append([found.owed]);
  let override: Override = found.override;
  let heard: HeardPresses = heardFrom([...history].reverse());

  async function pressOnce(press: ButtonPressed): Promise<void> {
    const action = pressed(press, {
      now: now(),
      claimed: options.claimed(),
      override,
      heard,
      newWarnings: options.newWarnings(),
      settings: options.settings(),
    });
    if (action.kind === 'ignored') {
      options.log('press ignored', { why: action.why });
      return;
    }
    heard = hear(heard, press);
    await records.append(entriesOf(press, action, override));
    if (action.kind === 'refused') options.log('press refused', { why: action.why });
    else if (action.kind === 'acknowledge') options.onAcknowledge(action.warnings);
    else if (action.kind === 'lamp-test') options.onLampTest();
    else become(startedBy(action) ?? NO_OVERRIDE);
  }

  async function endOnce(): Promise<void> {
    const owed = endIfDue(override, now());
    if (!owed) return;
    await records.append([owed]);
    become(NO_OVERRIDE);
  }

  function become(next: Override): void {
    override = next;
    options.onChange(next);
  }

  return {
    current: () => override,
    press: (press) => step(() => pressOnce(press)),
    endIfDue: () => step(endOnce),
  };
}
