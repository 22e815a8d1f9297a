import type { Category } from '#contract/categories.ts';
import type { Attestations, CheckOutcome, CheckWeek, ProbeResult } from '#contract/checks.ts';
import type { FourC } from '#contract/incidents.ts';
import type { LampColour, LampName, Rhythm } from '#contract/lamps.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { RoleId } from '#contract/roles.ts';
import type { YoutubeRestriction } from '#contract/settings.ts';

type Answers = { readonly [K in keyof Attestations]: Readonly<Record<Attestations[K], string>> };

/** The contract's own identifiers as people read them. A new identifier without words does not compile. */
export const TERMS = {
  profiles: { learner: 'Learners', guest: 'Guests', staff: 'Staff' } satisfies Record<ProfileId, string>,
  roles: {
    'network manager': 'Network manager',
    dsl: 'Designated safeguarding lead',
    authoriser: 'Authoriser',
    staff: 'Staff',
    governor: 'Governor',
    technician: 'Technician',
  } satisfies Record<RoleId, string>,
  categories: {
    illegal: 'Illegal content',
    malware: 'Malware',
    phishing: 'Phishing and scams',
    circumvention: 'VPN, proxy and encrypted DNS',
    pornography: 'Pornography',
    gambling: 'Gambling',
    drugs: 'Drugs',
    piracy: 'Piracy and warez',
    dating: 'Dating',
    hate: 'Hate and extremism',
    violence: 'Violence and gore',
    weapons: 'Weapons',
    'self-harm': 'Self-harm and suicide',
    ai: 'Generative AI',
    social: 'Social networks',
    chat: 'Chat',
    games: 'Games',
    'file-hosting': 'File hosting',
    webmail: 'Web mail',
    misinformation: 'Misinformation',
    advertising: 'Advertising and tracking',
  } satisfies Record<Category, string>,
  safeSearch: { on: 'On', off: 'Off' },
  youtube: {
    off: 'Not restricted',
    moderate: 'Moderate',
    strict: 'Strict',
  } satisfies Record<YoutubeRestriction, string>,
  fourCs: {
    content: 'Content',
    contact: 'Contact',
    conduct: 'Conduct',
    commerce: 'Commerce',
    system: 'System',
  } satisfies Record<FourC, string>,
  lamps: {
    power: 'POWER',
    filter: 'FILTER',
    internet: 'INTERNET',
    check: 'CHECK',
    override: 'OVERRIDE',
  } satisfies Record<LampName, string>,
  colours: {
    dark: 'Dark',
    white: 'White',
    green: 'Green',
    amber: 'Amber',
    red: 'Red',
  } satisfies Record<LampColour, string>,
  rhythms: {
    off: 'off',
    steady: 'steady',
    starting: 'slow blink',
    new: 'quick blink',
    fault: 'double flash',
    unknown: 'short blip',
    running: 'steady with a wink',
    ending: 'quick blink',
  } satisfies Record<Rhythm, string>,
  weeks: {
    done: 'Done',
    failed: 'Failed',
    due: 'Due',
    missed: 'Missed',
    'not-yet-due': 'Not yet due',
  } satisfies Record<CheckWeek['state'], string>,
  outcomes: {
    pass: 'Passed',
    fail: 'Failed',
    bypassing: 'Bypassing the filter',
    unknown: 'Not known',
  } satisfies Record<CheckOutcome, string>,
  results: {
    blocked: 'blocked',
    allowed: 'allowed',
    unknown: 'not known',
  } satisfies Record<ProbeResult['result'], string>,
  answers: {
    blockPageShown: { yes: 'Yes', no: 'No', 'not-seen': 'I did not see one' },
    wrongBlockReported: { no: 'No', yes: 'Yes' },
    signOfBypass: { no: 'No', yes: 'Yes' },
  } satisfies Answers,
  questions: {
    blockPageShown: 'Did the block page show the right policy?',
    wrongBlockReported: 'Has anyone reported a wrong block or a gap?',
    signOfBypass: 'Is there any sign of bypass?',
  } satisfies Record<keyof Attestations, string>,
  severities: {
    1: '1: minor, no harm likely',
    2: '2: concern, look into it',
    3: '3: serious, act today',
    4: '4: critical, someone may be at risk now',
  } satisfies Record<1 | 2 | 3 | 4, string>,
};

/** The identifiers a dictionary has words for, in the dictionary's order. */
export function termIds<K extends string>(terms: Readonly<Record<K, string>>): K[] {
  return Object.keys(terms) as K[];
}
