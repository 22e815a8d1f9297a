import { z } from 'zod';
import type { ProfileId } from './profiles.ts';

/**
 * How firmly a category is held. `locked` cannot be lifted for learners and guests by anybody;
 * `blocked` is the default answer and can be relaxed; `by-role` depends on the profile;
 * `reported` is counted and never blocked by default.
 */
export type Firmness = 'locked' | 'blocked' | 'by-role' | 'reported';

interface CategoryRow {
  readonly title: string;
  readonly firmness: Firmness;
  /** Profiles that may have the category when nobody has decided otherwise. */
  readonly allowedFor: readonly ProfileId[];
  /** Which of the four Cs an alert in this category suggests. */
  readonly suggests: 'content' | 'contact' | 'conduct' | 'commerce' | 'system';
  /** Blocked devices-days below this many attempts in one sitting make no alert. */
  readonly alertAfter: number;
}

const row = (
  title: string,
  firmness: Firmness,
  allowedFor: readonly ProfileId[],
  rest: Pick<CategoryRow, 'suggests' | 'alertAfter'>,
): CategoryRow => ({ title, firmness, allowedFor, ...rest });

/** Every category a list can be filed under. The order is the bit order of category masks: append only, at most 31. */
export const CATEGORIES = {
  illegal: row('Illegal content', 'locked', [], { suggests: 'content', alertAfter: 1 }),
  malware: row('Malware', 'locked', [], { suggests: 'system', alertAfter: 3 }),
  phishing: row('Phishing and scams', 'locked', [], { suggests: 'commerce', alertAfter: 3 }),
  circumvention: row('VPN, proxy and encrypted DNS', 'locked', ['staff'], {
    suggests: 'conduct',
    alertAfter: 5,
  }),
  pornography: row('Pornography', 'locked', [], { suggests: 'content', alertAfter: 2 }),
  gambling: row('Gambling', 'blocked', ['staff'], { suggests: 'commerce', alertAfter: 3 }),
  drugs: row('Drugs', 'blocked', ['staff'], { suggests: 'content', alertAfter: 3 }),
  piracy: row('Piracy and warez', 'blocked', [], { suggests: 'conduct', alertAfter: 5 }),
  dating: row('Dating', 'blocked', ['staff'], { suggests: 'contact', alertAfter: 3 }),
  hate: row('Hate and extremism', 'blocked', [], { suggests: 'content', alertAfter: 1 }),
  violence: row('Violence and gore', 'blocked', [], { suggests: 'content', alertAfter: 2 }),
  weapons: row('Weapons', 'blocked', ['staff'], { suggests: 'content', alertAfter: 2 }),
  'self-harm': row('Self-harm and suicide', 'blocked', ['staff'], { suggests: 'content', alertAfter: 1 }),
  ai: row('Generative AI', 'blocked', ['staff'], { suggests: 'conduct', alertAfter: 10 }),
  social: row('Social networks', 'by-role', ['staff'], { suggests: 'contact', alertAfter: 30 }),
  chat: row('Chat', 'by-role', ['staff'], { suggests: 'contact', alertAfter: 30 }),
  games: row('Games', 'by-role', ['staff'], { suggests: 'conduct', alertAfter: 30 }),
  'file-hosting': row('File hosting', 'by-role', ['staff'], { suggests: 'conduct', alertAfter: 20 }),
  webmail: row('Web mail', 'by-role', ['staff', 'guest'], { suggests: 'contact', alertAfter: 30 }),
  misinformation: row('Misinformation', 'reported', ['learner', 'guest', 'staff'], {
    suggests: 'content',
    alertAfter: 30,
  }),
  advertising: row('Advertising and tracking', 'reported', ['learner', 'guest', 'staff'], {
    suggests: 'system',
    alertAfter: 1000,
  }),
} as const satisfies Record<string, CategoryRow>;

export type Category = keyof typeof CATEGORIES;
export const CATEGORY_IDS = Object.keys(CATEGORIES) as [Category, ...Category[]];
export const Category = z.enum(CATEGORY_IDS);

/** The bit of `category` in a category mask (a 32-bit integer). */
export function categoryBit(category: Category): number {
  return 1 << CATEGORY_IDS.indexOf(category);
}

/** Whether `category` belongs to the locked core of `profile`: nothing and nobody lifts it there. */
export function isLocked(category: Category, profile: ProfileId): boolean {
  return CATEGORIES[category].firmness === 'locked' && profile !== 'staff';
}
