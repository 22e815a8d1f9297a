import type { NameList } from './names-file.ts';

/** Walks several sorted lists as one: the least fingerprint of all that are left. */
export interface Frontier {
  /** -1 when all lists are at their end. */
  high: number;
  low: number;
  kind: number;
  /** Which list the name is from. */
  list: number;
  next(): void;
}

/** A binary heap of the lists' next names. One object is filled again for each name: lists hold millions. */
export function createFrontier(lists: readonly NameList[]): Frontier {
  const places = new Uint32Array(lists.length);
  const heap = lists
    .keys()
    .filter((i) => (lists[i] as NameList).high.length > 0)
    .toArray();

  const before = (x: number, y: number): boolean => {
    const [a, b] = [lists[x] as NameList, lists[y] as NameList];
    const [i, j] = [places[x] as number, places[y] as number];
    const difference = (a.high[i] as number) - (b.high[j] as number);
    return difference === 0 ? (a.low[i] as number) < (b.low[j] as number) : difference < 0;
  };
  const lesser = (x: number, y: number): number =>
    y < heap.length && before(heap[y] as number, heap[x] as number) ? y : x;
  const sink = (from: number) => {
    let at = from;
    for (;;) {
      const least = lesser(lesser(at, at * 2 + 1), at * 2 + 2);
      if (least === at) return;
      const list = heap[at] as number;
      heap[at] = heap[least] as number;
      heap[least] = list;
      at = least;
    }
  };
  for (let at = heap.length >>> 1; at >= 0; at--) sink(at);

  const frontier: Frontier = {
    high: -1,
    low: 0,
    kind: 0,
    list: -1,
    next: () => {
      const list = heap[0] as number;
      places[list] = (places[list] as number) + 1;
      if (places[list] === (lists[list] as NameList).high.length) {
        const last = heap.pop() as number;
        if (heap.length > 0) heap[0] = last;
      }
      sink(0);
      show();
    },
  };
  const show = () => {
    const list = heap[0];
    if (list === undefined) {
      frontier.high = -1;
      return;
    }
    const names = lists[list] as NameList;
    const place = places[list] as number;
    frontier.high = names.high[place] as number;
    frontier.low = names.low[place] as number;
    frontier.kind = names.kind[place] as number;
    frontier.list = list;
  };
  show();
  return frontier;
}
