import type {
  Attestations,
  CheckFindings,
  CheckOutcome,
  CheckRecord,
  CheckRun,
  SeenAnswer,
} from '#contract/checks.ts';

/** A run of a learner's device, opened on Friday 20 November 2026 at ten o'clock. */
export const aRun = (changes: Partial<CheckRun> = {}): CheckRun => ({
  id: 'run-1',
  openedAt: '2026-11-20T10:00:00.000Z',
  client: '192.0.2.7',
  profile: 'learner',
  nonceName: 'k3j9.check.gatehouse.home.arpa',
  probes: [
    { name: 'example.org', expect: 'allowed' },
    { name: 'worm.test', expect: 'blocked', category: 'malware' },
    { name: 'bets.test', expect: 'blocked', category: 'gambling' },
  ],
  ...changes,
});

/** An answer five seconds after `aRun` was opened. */
export const anAnswer = (
  name: string,
  verdict: SeenAnswer['verdict'],
  changes: Partial<SeenAnswer> = {},
): SeenAnswer => ({ name, verdict, qtype: 1, at: '2026-11-20T10:00:05.000Z', ...changes });

/** What our DNS answered when everything is as it should be. */
export const goodAnswers = (): SeenAnswer[] => [
  anAnswer('k3j9.check.gatehouse.home.arpa', 'allowed'),
  anAnswer('example.org', 'allowed'),
  anAnswer('worm.test', 'blocked'),
  anAnswer('bets.test', 'blocked'),
];

export const allWell: Attestations = { blockPageShown: 'yes', wrongBlockReported: 'no', signOfBypass: 'no' };

const someFindings = (outcome: CheckOutcome): CheckFindings => ({
  outcome,
  nonceSeen: outcome !== 'bypassing',
  controlsLoaded: outcome === 'pass',
  probes: [],
  because: 'It was so.',
});

/** A signed check; `completedAt` decides the week. */
export const aRecord = (
  seq: number,
  completedAt: string,
  changes: Partial<CheckRecord> = {},
): CheckRecord => ({
  seq,
  hash: '00'.repeat(32),
  week: '2026-W47',
  openedAt: completedAt,
  completedAt,
  by: { id: 'p1', name: 'Ada Example', roles: ['dsl'] },
  profile: 'learner',
  client: '192.0.2.7',
  findings: someFindings(changes.result ?? 'pass'),
  seen: [],
  attestations: allWell,
  result: 'pass',
  actions: [],
  notes: '',
  configuration: { settings: 'settings-1', index: 'index-1', version: '0.1.0' },
  ...changes,
});
