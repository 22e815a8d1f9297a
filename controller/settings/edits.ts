import { z } from 'zod';
import { CATEGORIES, type Category, isLocked } from '#contract/categories.ts';
import { SECTIONS, type Section } from '#contract/http.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { OwnRule, Settings, YoutubeRestriction } from '#contract/settings.ts';

/** What a change touches and how it is made: half of what `SettingsStore.change` wants. */
export interface Edit {
  readonly what: readonly string[];
  readonly mutate: (draft: Settings) => void;
}

/** The policy would be the same afterwards. */
export class NothingChanged extends Error {
  constructor(what: readonly string[]) {
    super(`${what.join('.') || 'settings'}: wanted a change, got what stands there already`);
    this.name = 'NothingChanged';
  }
}

/** A change that is no policy: `cause` is the schema's error, when it was the schema that refused. */
export class SettingsRefused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SettingsRefused';
  }
}

/** Nothing and nobody lifts the locked core of a learner's or guest's profile. */
export class CategoryLocked extends Error {
  constructor(category: Category, profile: ProfileId) {
    super(`${CATEGORIES[category].title} is locked for the profile ${profile}: nobody can change it`);
    this.name = 'CategoryLocked';
  }
}

/** A rule that was to be removed and is not there. */
export class NoSuchRule extends Error {
  constructor({ profile, action, name }: RulePlace) {
    super(`${profile} has no rule of its own to ${action} ${name}`);
    this.name = 'NoSuchRule';
  }
}

export interface RulePlace {
  readonly profile: ProfileId;
  readonly action: 'allow' | 'block';
  readonly name: string;
}

/** Adds a rule, or gives the one for the same name and action its new reason. */
export function addRule(place: RulePlace, why: string): Edit {
  const { profile, action, name } = place;
  return {
    what: ['profiles', profile, action],
    mutate(draft) {
      const rule: OwnRule = { name, why };
      const rules = draft.profiles[profile][action];
      const known = rules.findIndex((other) => other.name === name);
      if (known < 0) rules.push(rule);
      else rules[known] = rule;
    },
  };
}

/** @throws NoSuchRule when the edit is made */
export function removeRule(place: RulePlace): Edit {
  const { profile, action, name } = place;
  return {
    what: ['profiles', profile, action],
    mutate(draft) {
      const rules = draft.profiles[profile][action];
      const known = rules.findIndex((rule) => rule.name === name);
      if (known < 0) throw new NoSuchRule(place);
      rules.splice(known, 1);
    },
  };
}

/** @throws CategoryLocked */
export function setCategory(profile: ProfileId, category: Category, state: 'blocked' | 'allowed'): Edit {
  if (isLocked(category, profile)) throw new CategoryLocked(category, profile);
  return {
    what: ['profiles', profile, 'categories', category],
    mutate(draft) {
      draft.profiles[profile].categories[category] = state;
    },
  };
}

/** What a profile's searches are held to. */
export interface SearchSettings {
  readonly safeSearch: boolean;
  readonly youtube: YoutubeRestriction;
}

/**
 * The edits that bring a profile to `wanted`: one for each setting that differs, so that the record names each.
 * @throws NothingChanged when none does
 */
export function setSafeSearch(settings: Settings, profile: ProfileId, wanted: SearchSettings): Edit[] {
  const { safeSearch, youtube } = wanted;
  const standing = settings.profiles[profile];
  const edits: Edit[] = [];
  if (standing.safeSearch !== safeSearch) {
    edits.push({
      what: ['profiles', profile, 'safeSearch'],
      mutate(draft) {
        draft.profiles[profile].safeSearch = safeSearch;
      },
    });
  }
  if (standing.youtube !== youtube) {
    edits.push({
      what: ['profiles', profile, 'youtube'],
      mutate(draft) {
        draft.profiles[profile].youtube = youtube;
      },
    });
  }
  if (edits.length === 0) throw new NothingChanged(['profiles', profile, 'safeSearch']);
  return edits;
}

/**
 * Replaces a section by `value`, which came from outside.
 * @throws SettingsRefused naming what is wrong
 */
export function replaceSection(section: Section, value: unknown): Edit {
  const parsed = SECTIONS[section].safeParse(value);
  if (!parsed.success) throw new SettingsRefused(z.prettifyError(parsed.error), parsed.error);
  const replacement = { [section]: parsed.data } as Partial<Settings>;
  refuseRepeats('list id', replacement.lists?.map((list) => list.id) ?? []);
  refuseRepeats('network name', replacement.networks?.map((network) => network.name) ?? []);
  return {
    what: [section],
    mutate(draft) {
      Object.assign(draft, replacement);
    },
  };
}

function refuseRepeats(what: string, names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new SettingsRefused(`wanted each ${what} once, got "${repeated}" twice`);
}
