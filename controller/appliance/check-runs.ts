import { CATEGORY_IDS, type Category } from '#contract/categories.ts';
import type { CheckFindings, CheckRun, SeenAnswer } from '#contract/checks.ts';
import type { WatchedAnswer } from '#contract/events.ts';
import { CHECK_ZONE } from '#contract/names.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { Settings } from '#contract/settings.ts';
import { categoryState } from '#filter/policy.ts';
import { assess, isOpen, RUN_LIVES_MS } from '#safeguarding/check.ts';
import { type Candidates, chooseProbes } from '#safeguarding/probes.ts';
import { Refusal } from '#web/appliance.ts';

const RUNS_AT_MOST = 100;
const ANSWERS_AT_MOST = 1000;
const CANDIDATES_PER_CATEGORY = 4;

export interface CheckRunsOptions {
  readonly now: () => Temporal.Instant;
  readonly settings: () => Settings;
  /** Names of a category from the lists in force: always the same ones, and drawn ones. */
  readonly fixed: (category: Category) => Promise<readonly string[]>;
  readonly draw: (category: Category, count: number) => Promise<readonly string[]>;
  readonly profileOf: (client: string) => ProfileId;
  /** What a relaxation lifts for the profile just now: it proves nothing to ask for it. */
  readonly relaxed: (profile: ProfileId) => readonly Category[];
  /** 16 or more random characters, `[a-z0-9]`. */
  readonly random: () => string;
  /** Asks the DNS workers to report what they answer to these devices. */
  readonly watch: (devices: readonly { device: string; untilMs: number }[]) => void;
}

/** A run with the evidence so far. */
export interface RunInHand {
  readonly run: CheckRun;
  readonly seen: readonly SeenAnswer[];
}

/** Checks that devices have opened and nobody has signed yet. They live for ten minutes, in memory. */
export interface CheckRuns {
  open(client: string): Promise<CheckRun>;
  findings(id: string, client: string): CheckFindings;
  /** @throws Refusal when there is no such run, or its time is up */
  inHand(id: string): RunInHand;
  close(id: string): void;
  /** Whether `device` asked for `name` at `atMs` because a check told it to: that is no attempt of anybody. */
  isOwnQuestion(device: string, name: string, atMs: number): boolean;
  /** Takes what a DNS worker answered. */
  answered(answer: WatchedAnswer): void;
}

interface Run {
  readonly run: CheckRun;
  readonly seen: SeenAnswer[];
  /** Addresses that asked this run's nonce: the device, as the DNS door sees it. */
  readonly askers: Set<string>;
}

export function openCheckRuns(options: CheckRunsOptions): CheckRuns {
  const runs = new Map<string, Run>();
  const past: Run[] = [];
  const nowIso = () => options.now().toString({ smallestUnit: 'millisecond' });

  function watchAll(): void {
    const devices = [...runs.values()].flatMap(({ run, askers }) =>
      [run.client, ...askers].map((device) => ({
        device,
        untilMs: Date.parse(run.openedAt) + RUN_LIVES_MS,
      })),
    );
    options.watch(devices);
  }

  function forgetOld(): void {
    const now = nowIso();
    for (const [id, { run }] of runs) if (!isOpen(run, now)) end(id);
  }

  function end(id: string): void {
    const ended = runs.get(id);
    if (ended) past.push(ended);
    runs.delete(id);
    if (past.length > RUNS_AT_MOST) past.shift();
  }

  function find(id: string): Run {
    forgetOld();
    const found = runs.get(id);
    if (!found)
      throw new Refusal(404, 'There is no such check, or its ten minutes are over. Start it again.');
    return found;
  }

  return {
    async open(client) {
      forgetOld();
      if (runs.size >= RUNS_AT_MOST)
        throw new Refusal(429, 'Too many checks are running. Try again later.', 600);
      const run = await newRun(options, client, nowIso());
      runs.set(run.id, { run, seen: [], askers: new Set() });
      watchAll();
      return run;
    },
    findings(id, client) {
      const found = find(id);
      if (found.run.client !== client) throw new Refusal(403, 'This check belongs to another device.');
      return assess(found.run, found.seen, nowIso());
    },
    inHand: (id) => find(id),
    close(id) {
      end(id);
      watchAll();
    },
    isOwnQuestion: (device, name, atMs) =>
      [...runs.values(), ...past].some((one) => asksFor(one, name) && isDuring(one, device, atMs)),
    answered(answer) {
      const asked = [...runs.values()].filter((one) => hear(one, answer));
      if (asked.length > 0) watchAll();
    },
  };
}

/** Whether it was a device that asked this run's nonce for the first time: from now on its answers belong to the run. */
function hear({ run, askers, seen }: Run, answer: WatchedAnswer): boolean {
  const isNew = answer.name.toLowerCase() === run.nonceName && !askers.has(answer.device);
  if (isNew) askers.add(answer.device);
  const mine = askers.has(answer.device) || answer.device === run.client;
  if (mine && seen.length < ANSWERS_AT_MOST) seen.push(seenAnswer(answer));
  return isNew;
}

function asksFor({ run }: Run, name: string): boolean {
  return run.probes.some((probe) => probe.name === name);
}

/** Events are added up over half a second, so one may begin a little before the run. */
function isDuring({ run, askers }: Run, device: string, atMs: number): boolean {
  const sinceMs = atMs - Date.parse(run.openedAt);
  return (askers.has(device) || run.client === device) && sinceMs > -1000 && sinceMs < RUN_LIVES_MS;
}

/** The profile's categories decide what is asked; names that policy allows anyway would prove nothing. */
async function newRun(options: CheckRunsOptions, client: string, openedAt: string): Promise<CheckRun> {
  const settings = options.settings();
  const profile = options.profileOf(client);
  const relaxed = options.relaxed(profile);
  const blocked = CATEGORY_IDS.filter(
    (one) => categoryState(settings, profile, one) !== 'allowed' && !relaxed.includes(one),
  );
  const candidates = await gather(options, blocked);
  const exempt = [...settings.profiles[profile].allow, ...settings.neverBlock].map(({ name }) => name);
  const { controls } = settings.check;
  const chosen = chooseProbes({ profile, blocked, candidates, controls, exempt });
  const nonceName = `${options.random()}.${CHECK_ZONE}`;
  return { id: options.random(), openedAt, client, profile, nonceName, ...chosen };
}

async function gather(
  { fixed, draw }: CheckRunsOptions,
  categories: readonly Category[],
): Promise<Partial<Record<Category, Candidates>>> {
  const rows = await Promise.all(
    categories.map(async (category): Promise<[Category, Candidates]> => {
      const [always, drawn] = await Promise.all([fixed(category), draw(category, CANDIDATES_PER_CATEGORY)]);
      return [category, { fixed: always, drawn }];
    }),
  );
  return Object.fromEntries(rows);
}

function seenAnswer({ name, qtype, verdict, at }: WatchedAnswer): SeenAnswer {
  return {
    name,
    qtype,
    verdict,
    at: Temporal.Instant.fromEpochMilliseconds(at).toString({ smallestUnit: 'millisecond' }),
  };
}
