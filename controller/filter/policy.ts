import { CATEGORIES, CATEGORY_IDS, type Category, categoryBit, isLocked } from '#contract/categories.ts';
import { PROFILES, type ProfileId } from '#contract/profiles.ts';
import type { BlockedAnswer, Network, Settings } from '#contract/settings.ts';
import type { ProfilePolicy } from './decide.ts';
import { compileOverlay } from './overlay.ts';
import { YOUTUBE_TARGETS } from './safe-search.ts';

/** What is in force for a while: a relaxation of some categories of one profile, or a lockdown. */
export interface Override {
  readonly kind: 'relaxation' | 'lockdown';
  readonly profiles: readonly ProfileId[];
  readonly categories: readonly Category[];
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

/** The provider's settings made ready for packets. Posted whole to the DNS workers and swapped between two packets. */
export interface Policy {
  /** Grows with each policy; a worker never goes back. */
  readonly generation: number;
  /** In the order of `PROFILES`. */
  readonly profiles: readonly (ProfilePolicy & {
    readonly id: ProfileId;
    readonly blockedAnswer: BlockedAnswer;
  })[];
  /** A compiled table of own rules and special names. */
  readonly overlay: SharedArrayBuffer;
  readonly networks: readonly Network[];
  readonly upstreams: readonly string[];
}

/** Makes the policy of `settings` and of what is in force beside them. */
export function compilePolicy(
  settings: Settings,
  override: Override | undefined,
  generation: number,
): Policy {
  return {
    generation,
    profiles: PROFILES.map((id, number) => profilePolicy(settings, override, id, number)),
    overlay: compileOverlay(settings),
    networks: settings.networks,
    upstreams: settings.upstreams,
  };
}

function profilePolicy(settings: Settings, override: Override | undefined, id: ProfileId, number: number) {
  const mine = override?.profiles.includes(id) ? override : undefined;
  const mask = (wanted: (category: Category) => boolean) =>
    CATEGORY_IDS.filter(wanted).reduce((sum, category) => sum | categoryBit(category), 0);
  return {
    id,
    bit: 1 << number,
    locked: mask((category) => isLocked(category, id)),
    blocked: mask((category) => categoryState(settings, id, category) !== 'allowed'),
    relaxed: mine?.kind === 'relaxation' ? mask((category) => mine.categories.includes(category)) : 0,
    relaxedUntil: mine?.kind === 'relaxation' ? mine.untilMs : 0,
    lockdownUntil: mine?.kind === 'lockdown' ? mine.untilMs : 0,
    safeSearch: settings.profiles[id].safeSearch,
    youtube: YOUTUBE_TARGETS[settings.profiles[id].youtube],
    blockedAnswer: settings.profiles[id].blockedAnswer,
  };
}

/** Whether `profile` may have `category`: the locked core first, then the provider's decision, then the default. */
export function categoryState(
  settings: Pick<Settings, 'profiles'>,
  profile: ProfileId,
  category: Category,
): 'locked' | 'blocked' | 'allowed' {
  if (isLocked(category, profile)) return 'locked';
  const allowedFor: readonly ProfileId[] = CATEGORIES[category].allowedFor;
  return (
    settings.profiles[profile].categories[category] ?? (allowedFor.includes(profile) ? 'allowed' : 'blocked')
  );
}
