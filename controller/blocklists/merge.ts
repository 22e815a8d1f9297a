import { type Category, categoryBit } from '#contract/categories.ts';
import { composeTable, MAX_SETS, SET_WORDS, type TableFacts } from '#filter/table.ts';
import { BLOCKS, BLOCKS_EXACTLY, EXCEPTS } from './entries.ts';
import { createFrontier, type Frontier } from './frontier.ts';
import { blockedBy, suffixesOf } from './holding.ts';
import { kindIn, type NameList } from './names-file.ts';

export interface CategorisedList {
  readonly category: Category;
  readonly names: NameList;
}

/** The lists make more different sets of categories than an index can tell apart. */
export class IndexTooVaried extends Error {
  constructor() {
    super(`the lists make more than ${MAX_SETS} different sets of categories`);
    this.name = 'IndexTooVaried';
  }
}

/** Merges sorted lists into one index: each name once, with the categories that block or except it. */
export function mergeLists(lists: readonly CategorisedList[], facts: TableFacts): SharedArrayBuffer {
  const most = lists.reduce((sum, { names }) => sum + names.high.length, 0);
  const high = new Uint32Array(most);
  const low = new Uint16Array(most);
  const set = new Uint16Array(most);
  const sets = createSets();
  const gather = createGather(lists);
  const frontier = createFrontier(lists.map(({ names }) => names));
  let count = 0;
  while (frontier.high >= 0) {
    high[count] = frontier.high;
    low[count] = frontier.low;
    const number = sets.numberOf(gather(frontier));
    if (number === 0) continue;
    set[count] = number;
    count += 1;
  }
  return composeTable({ count, high, low, set }, sets.words(), facts);
}

/** Masks of categories. */
interface Said {
  blocks: number;
  exactly: number;
  excepts: number;
}

/** Makes the step that takes all lists' rows of the frontier's name together. Its answer is filled again each time. */
function createGather(lists: readonly CategorisedList[]): (frontier: Frontier) => Said {
  const bits = lists.map(({ category }) => categoryBit(category));
  const overruled = lists.map((list) => overruledExceptions(list, lists));
  const said: Said = { blocks: 0, exactly: 0, excepts: 0 };
  const add = ({ high, low, kind, list }: Frontier) => {
    const bit = bits[list] as number;
    if ((kind & BLOCKS) !== 0) said.blocks |= bit;
    if ((kind & BLOCKS_EXACTLY) !== 0) said.exactly |= bit;
    const excepts = (kind & EXCEPTS) !== 0 && !overruled[list]?.has(high * 0x10000 + low);
    if (excepts) said.excepts |= bit;
  };
  return (frontier) => {
    const { high, low } = frontier;
    said.blocks = 0;
    said.exactly = 0;
    said.excepts = 0;
    while (frontier.high === high && frontier.low === low) {
      add(frontier);
      frontier.next();
    }
    return said;
  };
}

/**
 * A list's exception speaks for that list alone: where another list of the category blocks the name through a parent,
 * it must not lift that block. Exceptions are few, so each is asked of each such list once.
 */
function overruledExceptions(list: CategorisedList, lists: readonly CategorisedList[]): ReadonlySet<number> {
  const others = lists.filter((other) => other !== list && other.category === list.category);
  const overruled = new Set<number>();
  for (const name of list.names.exceptions) {
    const suffixes = suffixesOf(name);
    const blocked = others.some(
      ({ names }) =>
        blockedBy(suffixes.map(({ high, low }) => kindIn(names, high, low) & ~BLOCKS_EXACTLY)) >= 0,
    );
    const own = suffixes.at(-1);
    if (blocked && own) overruled.add(own.high * 0x10000 + own.low);
  }
  return overruled;
}

interface Sets {
  /** The number of a set of category masks, from 1; 0 for the empty one. */
  numberOf(said: Readonly<Said>): number;
  words(): Int32Array;
}

function createSets(): Sets {
  const words: number[] = [];
  const blocksOnly = new Map<number, number>();
  const others = new Map<string, number>();
  const add = (blocks: number, exactly: number, excepts: number) => {
    words.push(blocks, exactly, excepts, 0);
    const number = words.length / SET_WORDS;
    if (number > MAX_SETS) throw new IndexTooVaried();
    return number;
  };
  return {
    numberOf: ({ blocks, exactly, excepts }) => {
      if ((blocks | exactly | excepts) === 0) return 0;
      if ((exactly | excepts) === 0) {
        const known = blocksOnly.get(blocks) ?? add(blocks, 0, 0);
        blocksOnly.set(blocks, known);
        return known;
      }
      const key = `${blocks},${exactly},${excepts}`;
      const known = others.get(key) ?? add(blocks, exactly, excepts);
      others.set(key, known);
      return known;
    },
    words: () => Int32Array.from(words),
  };
}
