import { z } from 'zod';
import { LAMPS, LampShow } from './lamps.ts';
import { LedgerHead } from './ledger.ts';
import { Status } from './status.ts';

/** Every topic of one box starts with this; `box` is `[a-z0-9-]`. The shape is Homie 5's. */
export const topicPrefix = (box: string): string => `gatehouse/5/${box}`;

/** A gesture as paneld saw it. `sequence` counts within one `boot` of paneld; a press heard twice is one press. */
export const ButtonPressed = z.object({
  boot: z.string().regex(/^[a-z0-9-]{1,40}$/),
  sequence: z.int().min(1),
  gesture: z.enum(['short', 'hold', 'long-hold', 'stuck']),
  heldMs: z.int().min(0),
  at: z.iso.datetime(),
});
export type ButtonPressed = z.infer<typeof ButtonPressed>;

/** What the button's own light should show while somebody holds it: 0 to 5, 0 when let go. */
export const ButtonArming = z.object({ step: z.int().min(0).max(5) });

interface TopicRow {
  readonly payload: z.ZodType;
  readonly retained: boolean;
  readonly qos: 0 | 1;
}
const text = (payload: z.ZodType): TopicRow => ({ payload, retained: true, qos: 1 });

/** Topic below the prefix -> payload. Payloads of JSON type are objects; the rest are plain scalars. */
export const TOPICS = {
  $state: text(z.enum(['init', 'ready', 'disconnected', 'lost'])),
  $description: text(z.looseObject({ homie: z.string() })),
  status: text(Status),
  ...(Object.fromEntries(LAMPS.map((lamp) => [`lamp/${lamp}`, text(LampShow)])) as Record<
    `lamp/${(typeof LAMPS)[number]}`,
    TopicRow
  >),
  ...(Object.fromEntries(LAMPS.map((lamp) => [`panel/${lamp}`, text(LampShow)])) as Record<
    `panel/${(typeof LAMPS)[number]}`,
    TopicRow
  >),
  'panel/link': text(z.enum(['ready', 'lost', 'disconnected'])),
  'panel/arming': { payload: ButtonArming, retained: false, qos: 0 },
  'button/pressed': { payload: ButtonPressed, retained: false, qos: 1 },
  /** The screen panel's button in development: its edges, from the page to paneld. */
  'screen/button': { payload: z.enum(['down', 'up']), retained: false, qos: 1 },
  'override/active': text(z.boolean()),
  'override/kind': text(z.enum(['none', 'unplanned', 'lockdown'])),
  'override/until': text(z.string()),
  'override/profile': text(z.string()),
  'dns/queries': { payload: z.int(), retained: true, qos: 0 },
  'dns/blocked': { payload: z.int(), retained: true, qos: 0 },
  'dns/cached': { payload: z.int(), retained: true, qos: 0 },
  'dns/errors': { payload: z.int(), retained: true, qos: 0 },
  'dns/p95-ms': { payload: z.number(), retained: true, qos: 0 },
  'check/latest': text(z.string()),
  'check/due': text(z.string()),
  'ledger/head': text(LedgerHead),
} as const satisfies Record<string, TopicRow>;
export type TopicName = keyof typeof TOPICS;

/** Who is on the bus. The listener decides: the unix socket makes a `panel`, the web door a `viewer` or `presser`, the loopback port a `local`. */
export const BUS_ROLES = ['panel', 'viewer', 'presser', 'local'] as const;
export type BusRole = (typeof BUS_ROLES)[number];

interface BusRights {
  /** Topic filters below the prefix that may be subscribed to. */
  readonly subscribe: readonly string[];
  readonly publish: readonly string[];
  readonly retain: readonly string[];
  readonly will: readonly string[];
  /** Client ids of the role start so: nobody can take over another role's session. */
  readonly clientId: string;
}

/** Rights on the bus: deny by default. `local` is the loopback listener with the token of the data folder. */
export const BUS_RIGHTS: Readonly<Record<BusRole, BusRights>> = {
  panel: {
    subscribe: ['$state', 'lamp/+', 'screen/button'],
    publish: ['panel/+', 'button/pressed'],
    retain: ['panel/link', ...LAMPS.map((lamp) => `panel/${lamp}`)],
    will: ['panel/link'],
    clientId: 'panel-',
  },
  viewer: {
    subscribe: ['$state', 'status', 'lamp/+', 'panel/+', 'override/+', 'dns/+', 'check/+', 'ledger/head'],
    publish: [],
    retain: [],
    will: [],
    clientId: 'ui-',
  },
  presser: {
    subscribe: ['$state', 'status', 'lamp/+', 'panel/+', 'override/+', 'dns/+', 'check/+', 'ledger/head'],
    publish: ['screen/button'],
    retain: [],
    will: [],
    clientId: 'ui-',
  },
  local: { subscribe: ['#'], publish: [], retain: [], will: [], clientId: 'local-' },
};
