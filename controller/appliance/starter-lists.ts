import { readdirSync } from 'node:fs';
import { CATEGORIES, Category } from '#contract/categories.ts';
import type { ListSetting } from '#contract/settings.ts';

/** The lists that come with the program: small, so that a box without internet blocks something from the first minute. */
export function starterLists(folder: string): ListSetting[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => {
      const category = Category.parse(file.replace(/\.txt$/, ''));
      return {
        id: `starter-${category}`,
        name: `Starter: ${CATEGORIES[category].title}`,
        category,
        source: `starter:${file}`,
        format: 'domains',
      };
    });
}
