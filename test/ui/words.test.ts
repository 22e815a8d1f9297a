import { expect, test } from 'vitest';
import { CATEGORIES, CATEGORY_IDS } from '#contract/categories.ts';
import { Attestations, CheckOutcome, CheckWeek } from '#contract/checks.ts';
import { FOUR_CS } from '#contract/incidents.ts';
import { LAMPS, LampColour, Rhythm } from '#contract/lamps.ts';
import { PROFILES } from '#contract/profiles.ts';
import { ROLES } from '#contract/roles.ts';
import { YoutubeRestriction } from '#contract/settings.ts';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';

test.each([
  ['profiles', PROFILES, TERMS.profiles],
  ['roles', ROLES, TERMS.roles],
  ['categories', CATEGORY_IDS, TERMS.categories],
  ['YouTube restrictions', YoutubeRestriction.options, TERMS.youtube],
  ['four Cs', FOUR_CS, TERMS.fourCs],
  ['lamps', LAMPS, TERMS.lamps],
  ['colours', LampColour.options, TERMS.colours],
  ['rhythms', Rhythm.options, TERMS.rhythms],
  ['weeks', CheckWeek.shape.state.options, TERMS.weeks],
  ['outcomes', CheckOutcome.options, TERMS.outcomes],
  ['questions', Object.keys(Attestations.shape), TERMS.questions],
] as const)('the page has words for all %s of the contract, in its order', (_, ids, terms) => {
  expect(termIds<string>(terms)).toEqual([...ids]);
});

test('a category is called the same in the page as on the server', () => {
  for (const id of CATEGORY_IDS) expect(TERMS.categories[id]).toBe(CATEGORIES[id].title);
});

test('every answer to every question of the human part has words', () => {
  for (const [question, answers] of Object.entries(Attestations.shape)) {
    const said = Object.keys(TERMS.answers[question as keyof Attestations]);
    expect(said.toSorted()).toEqual([...answers.options].toSorted());
  }
});

const texts = [...textsOf(words), ...textsOf(TERMS)];

/** Every text of a dictionary; texts with a gap are asked with numbers and names in it. */
function textsOf(part: object): string[] {
  return Object.values(part).flatMap((value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    if (typeof value === 'function') return [String(value(3, 3, 3))];
    return typeof value === 'object' && value !== null ? textsOf(value) : [];
  });
}

test('no text is empty, starts or ends with a space, or shows a missing value', () => {
  expect(texts.length).toBeGreaterThan(200);
  for (const text of texts) {
    expect(text).toBe(text.trim());
    expect(text).not.toMatch(/^$|undefined|\[object|NaN/);
  }
});

test('the words are British and speak of devices, never of what a learner searched', () => {
  for (const text of texts) {
    expect(text).not.toMatch(
      /\b(color|behavior|canceled|license[ds]|authorize[drs]?|organization|favorite)\b/i,
    );
    expect(text).not.toMatch(/learner (searched|visited|tried|attempted)|guilty|suspect/i);
  }
});
