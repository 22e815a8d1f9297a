import { z } from 'zod';
import { Category } from './categories.ts';
import { DomainName } from './names.ts';
import { ProfileId } from './profiles.ts';
import { RoleId } from './roles.ts';

const Title = z.string().trim().min(1).max(80);

/** An address range in CIDR form, such as 192.0.2.0/24 or 2001:db8::/32. */
export const AddressRange = z.union([z.cidrv4(), z.cidrv6()], {
  error: (issue) => `wanted an address range such as 192.0.2.0/24, got ${JSON.stringify(issue.input)}`,
});

export const Network = z.object({
  name: Title,
  ranges: z.array(AddressRange).min(1).max(64),
  profile: ProfileId,
});
export type Network = z.infer<typeof Network>;

/** How the lines of a list read. `domains` is one plain name a line. */
export const ListFormat = z.enum(['hosts', 'domains', 'adblock', 'dnsmasq']);
export type ListFormat = z.infer<typeof ListFormat>;

export const ListSource = z
  .string()
  .max(2000)
  .refine((source) => /^(file|starter):.+/.test(source) || isHttps(source), {
    error: (issue) =>
      `wanted a list source such as file:list.txt or https://example.org/list.txt, got ${JSON.stringify(issue.input)}`,
  });

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}

/** A list as the set-up file and the API name it. */
export const ListRequest = z.object({
  name: Title,
  category: Category,
  source: ListSource,
  format: ListFormat,
});
/** `id` is made from the name, `[a-z0-9-]`, and names the list's files on disk. */
export const ListSetting = ListRequest.extend({ id: z.string().regex(/^[a-z0-9-]{1,80}$/) });
export type ListSetting = z.infer<typeof ListSetting>;

/** `udp://192.0.2.53:53` or `udp://[2001:db8::53]:53`: asked over UDP, and over TCP when the answer is truncated. */
export const UpstreamUrl = z.string().regex(/^udp:\/\/(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d{1,5})?$/i, {
  error: (issue) => `wanted an upstream such as udp://192.0.2.53:53, got ${JSON.stringify(issue.input)}`,
});

/** A name decided by a person of the provider, and why. */
export const OwnRule = z.object({ name: DomainName, why: z.string().trim().min(3).max(280) });
export type OwnRule = z.infer<typeof OwnRule>;

/** What a client is told of a blocked name: the block page's address, an unspecified address, NXDOMAIN or REFUSED. */
export const BlockedAnswer = z.enum(['page', 'unspecified', 'nxdomain', 'refused']);
export type BlockedAnswer = z.infer<typeof BlockedAnswer>;

/** How far YouTube holds back: `off` leaves it as it is, with no restriction of ours. */
export const YoutubeRestriction = z.enum(['off', 'moderate', 'strict']);
export type YoutubeRestriction = z.infer<typeof YoutubeRestriction>;

/** What a profile has until somebody decides, and what a document from before there was safe search is read as. */
export const SEARCH_DEFAULTS = {
  learner: { safeSearch: true, youtube: 'strict' },
  guest: { safeSearch: true, youtube: 'strict' },
  staff: { safeSearch: false, youtube: 'off' },
} as const satisfies Record<ProfileId, { safeSearch: boolean; youtube: YoutubeRestriction }>;

export const ProfileSettings = z.object({
  /** Categories that differ from the table's default. The locked core is not moved by it. */
  categories: z.partialRecord(Category, z.enum(['blocked', 'allowed'])),
  block: z.array(OwnRule).max(10_000),
  allow: z.array(OwnRule).max(10_000),
  blockedAnswer: BlockedAnswer,
  /** Whether search engines are held to their safe search; those that have none are blocked. */
  safeSearch: z.boolean(),
  youtube: YoutubeRestriction,
});
export type ProfileSettings = z.infer<typeof ProfileSettings>;

function withSearchDefaults(profile: ProfileId) {
  const { safeSearch, youtube } = SEARCH_DEFAULTS[profile];
  return ProfileSettings.extend({
    safeSearch: ProfileSettings.shape.safeSearch.default(safeSearch),
    youtube: YoutubeRestriction.default(youtube),
  });
}

/** The provider's policy: one document, under 1 MB, changed through one door. */
export const Settings = z.object({
  provider: z.object({ name: Title }),
  networks: z.array(Network).max(256),
  profiles: z.object({
    learner: withSearchDefaults('learner'),
    guest: withSearchDefaults('guest'),
    staff: withSearchDefaults('staff'),
  }),
  neverBlock: z.array(OwnRule).max(10_000),
  lists: z.array(ListSetting).max(100),
  upstreams: z.array(UpstreamUrl).min(1).max(8),
  check: z.object({
    /** Ordinary names that must resolve, else a check proves nothing. */
    controls: z.array(DomainName).min(1).max(10),
    /** ISO weekday of the day on which the week's check falls due. */
    dueWeekday: z.int().min(1).max(7),
  }),
  override: z.object({
    /** Whether a 3 s hold may start a relaxation that nobody approved before. */
    unplanned: z.boolean(),
    minutes: z.int().min(1).max(60),
    /** What it relaxes. The locked core stays. */
    categories: z.array(Category).min(1).max(31),
    profile: ProfileId,
  }),
});
export type Settings = z.infer<typeof Settings>;

export const PersonRequest = z.object({
  name: Title,
  email: z
    .email()
    .max(254)
    .transform((text) => text.toLowerCase()),
  password: z.string().min(12).max(200),
  roles: z.array(RoleId).min(1).max(6),
});
export type PersonRequest = z.infer<typeof PersonRequest>;

/** The file `GATEHOUSE_SETUP` points to: an installation without questions. Refused whole when any part is wrong. */
export const SetupFile = z
  .strictObject({
    provider: z.strictObject({ name: Title }),
    people: z.array(PersonRequest.strict()).min(1).max(100),
    networks: z.array(Network.strict()).max(256),
    lists: z.array(ListRequest.strict()).max(100),
    upstreams: z.array(UpstreamUrl).min(1).max(8),
  })
  .refine((setup) => setup.people.some((person) => person.roles.includes('dsl')), {
    path: ['people'],
    error: 'wanted somebody with the role dsl',
  })
  .refine((setup) => setup.people.some((person) => person.roles.includes('network manager')), {
    path: ['people'],
    error: 'wanted somebody with the role network manager',
  });
export type SetupFile = z.infer<typeof SetupFile>;
