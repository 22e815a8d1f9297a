import { z } from 'zod';
import { Category } from './categories.ts';
import { DomainName } from './names.ts';
import { ProfileId } from './profiles.ts';
import { RoleId } from './roles.ts';
import { ListSetting, Network, OwnRule, PersonRequest, Settings, YoutubeRestriction } from './settings.ts';

/** RFC 9457. `errors` names each field that is wrong. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** Why somebody changes policy. Every change carries it into the ledger. */
export const Why = z.string().trim().min(3, 'say why, in a few words').max(280);

export const ClaimState = z.object({ claimed: z.boolean() });

/** `POST /api/claim`: the first start, with the code printed on the terminal. */
export const Claim = z.strictObject({
  code: z.string().trim().min(8).max(20),
  provider: z.strictObject({ name: z.string().trim().min(1).max(80) }),
  people: z.array(PersonRequest.strict()).min(1).max(20),
});
export type Claim = z.infer<typeof Claim>;

export const SignIn = z.strictObject({ email: z.string().max(254), password: z.string().max(200) });

/** Who is signed in, and what the page may offer them. */
export const Session = z.object({
  person: z.object({ id: z.string(), name: z.string(), roles: z.array(RoleId) }),
  capabilities: z.array(z.string()),
  provider: z.string(),
  /** For the live bus: `gatehouse/5/<box>`. */
  topicPrefix: z.string(),
  /** Whether the picture of the panel has a button that works. */
  screenButton: z.boolean(),
  expiresAt: z.iso.datetime(),
});
export type Session = z.infer<typeof Session>;

/** `POST /api/profiles/{profile}/rules`: a name of the provider's own. A second rule for the name replaces the first. */
export const RuleChange = z.strictObject({ action: z.enum(['allow', 'block']), name: DomainName, why: Why });
/** `POST /api/profiles/{profile}/rules/remove`. */
export const RuleRemoval = z.strictObject({ action: z.enum(['allow', 'block']), name: DomainName, why: Why });
/** `PUT /api/profiles/{profile}/categories/{category}`. */
export const CategoryChange = z.strictObject({ state: z.enum(['blocked', 'allowed']), why: Why });

/** `PUT /api/profiles/{profile}/safe-search`. */
export const SafeSearchChange = z.strictObject({
  safeSearch: z.boolean(),
  youtube: YoutubeRestriction,
  why: Why,
});

/** The sections of the settings that are replaced whole by `PUT /api/settings/{section}`. */
export const SECTIONS = {
  networks: z.array(Network),
  lists: z.array(ListSetting),
  upstreams: Settings.shape.upstreams,
  neverBlock: z.array(OwnRule),
  override: Settings.shape.override,
  check: Settings.shape.check,
} as const;
export type Section = keyof typeof SECTIONS;
export const SectionChange = z.strictObject({ value: z.json(), why: Why });

/** `GET /api/settings`: the document, and the tables a page needs to show it. */
export const SettingsView = z.object({
  generation: z.int(),
  settings: Settings,
  categories: z.array(
    z.object({
      id: Category,
      title: z.string(),
      state: z.record(ProfileId, z.enum(['blocked', 'allowed', 'locked'])),
    }),
  ),
});
export type SettingsView = z.infer<typeof SettingsView>;

/** `GET /api/lists`. */
export const ListView = ListSetting.extend({
  names: z.int(),
  notUnderstood: z.int(),
  fetchedAt: z.iso.datetime().nullable(),
  /** Why the newest content is not in force; null when it is. */
  trouble: z.string().nullable(),
  /** Entries that would block a protected name, such as one under nhs.uk. At most 20. */
  warnings: z.array(z.string()),
});
export type ListView = z.infer<typeof ListView>;

/** `GET /api/changes`: one row of the change log. */
export const ChangeView = z.object({
  seq: z.int(),
  at: z.iso.datetime(),
  by: z.string(),
  what: z.string(),
  before: z.json(),
  after: z.json(),
  why: z.string(),
});
export type ChangeView = z.infer<typeof ChangeView>;
