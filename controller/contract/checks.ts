import { z } from 'zod';
import { Category } from './categories.ts';
import { DomainName } from './names.ts';
import { ProfileId } from './profiles.ts';

/** A name this check asks for. `expect` is what the policy in force says before the question is asked. */
export const Probe = z.object({
  name: DomainName,
  expect: z.enum(['blocked', 'allowed']),
  /** Absent for controls: ordinary names that must load. */
  category: Category.optional(),
});
export type Probe = z.infer<typeof Probe>;

/** What the DNS workers answered to the device under test: the evidence. */
export const SeenAnswer = z.object({
  name: z.string(),
  qtype: z.int(),
  verdict: z.enum(['blocked', 'allowed', 'failed']),
  at: z.iso.datetime(),
});
export type SeenAnswer = z.infer<typeof SeenAnswer>;

/** Opened by the device under test, without sign-in. Lives for ten minutes. */
export const CheckRun = z.object({
  id: z.string(),
  openedAt: z.iso.datetime(),
  /** The device's address as the appliance's web door sees it. */
  client: z.string(),
  profile: ProfileId,
  /** The name the device must ask of this filter: `<nonce>.check.gatehouse.home.arpa`. */
  nonceName: z.string(),
  probes: z.array(Probe),
  /** Categories the profile blocks that no list in force gives a name for: they are not tested. */
  uncovered: z.array(Category).optional(),
});
export type CheckRun = z.infer<typeof CheckRun>;

export const ProbeResult = Probe.extend({
  result: z.enum(['blocked', 'allowed', 'unknown']),
  pass: z.boolean(),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

/** What the evidence says so far; `unknown` is never a pass. */
export const CheckOutcome = z.enum(['pass', 'fail', 'bypassing', 'unknown']);
export type CheckOutcome = z.infer<typeof CheckOutcome>;

export const CheckFindings = z.object({
  outcome: CheckOutcome,
  nonceSeen: z.boolean(),
  controlsLoaded: z.boolean(),
  probes: z.array(ProbeResult),
  because: z.string(),
  /** Blocked by policy and not tested, for want of a list. */
  uncovered: z.array(Category).optional(),
});
export type CheckFindings = z.infer<typeof CheckFindings>;

/** One tap each, by the person who signs. */
export const Attestations = z.strictObject({
  blockPageShown: z.enum(['yes', 'no', 'not-seen']),
  wrongBlockReported: z.enum(['yes', 'no']),
  signOfBypass: z.enum(['yes', 'no']),
});
export type Attestations = z.infer<typeof Attestations>;

/** What has to be done about a failed item, by whom and until when (a calendar day). */
export const CheckAction = z.strictObject({
  what: z.string().trim().min(3).max(280),
  owner: z.string().trim().min(2).max(80),
  due: z.iso.date(),
});
export type CheckAction = z.infer<typeof CheckAction>;

/** The body of `POST /api/checks`. A check that does not pass needs at least one action. */
export const CheckSubmission = z.strictObject({
  run: z.string().min(1).max(100),
  attestations: Attestations,
  actions: z.array(CheckAction).max(20).default([]),
  notes: z.string().trim().max(1000).default(''),
});
export type CheckSubmission = z.infer<typeof CheckSubmission>;

/** A signed weekly check as it stands in the ledger. `week` is the ISO week that it counts for. */
export const CheckRecord = z.object({
  seq: z.int(),
  hash: z.string(),
  week: z.string(),
  openedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  by: z.object({ id: z.string(), name: z.string(), roles: z.array(z.string()) }),
  profile: ProfileId,
  client: z.string(),
  findings: CheckFindings,
  seen: z.array(SeenAnswer),
  attestations: Attestations,
  /** Attestations that speak against the filter turn a measured pass into a fail. */
  result: CheckOutcome,
  actions: z.array(CheckAction),
  notes: z.string(),
  configuration: z.object({ settings: z.string(), index: z.string(), version: z.string() }),
});
export type CheckRecord = z.infer<typeof CheckRecord>;

/** A row of the check log. `missed` weeks are rows of their own. */
export const CheckWeek = z.object({
  week: z.string(),
  state: z.enum(['done', 'failed', 'due', 'missed', 'not-yet-due']),
  dueOn: z.iso.date(),
  checks: z.array(CheckRecord),
});
export type CheckWeek = z.infer<typeof CheckWeek>;
export const CheckLog = z.object({ weeks: z.array(CheckWeek) });
export type CheckLog = z.infer<typeof CheckLog>;

/** What the check log asks of people now, and the last 13 weeks, oldest first. */
export const CheckDue = z.object({
  state: z.enum(['ok', 'due', 'overdue', 'failed']),
  because: z.string(),
  /** The week it speaks of, and the day on which that week's check falls due. */
  week: z.string(),
  dueOn: z.iso.date(),
  strip: z.array(CheckWeek.pick({ week: true, state: true })),
});
export type CheckDue = z.infer<typeof CheckDue>;
