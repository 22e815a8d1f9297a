/** An octet or word was read that is not there, or too many were. */
export class ReadingOutOfBounds extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReadingOutOfBounds';
  }
}

/**
 * A view of `values` that throws when one outside of it is read, or more than `mostReads` are: what a clock would say
 * of work without end, without a clock.
 */
export function watched<T extends Uint8Array | Uint32Array | Int32Array>(values: T, mostReads: number): T {
  let reads = 0;
  return new Proxy(values, {
    get(target, key) {
      const place =
        typeof key === 'string' && /^(-?\d|NaN|undefined|Infinity)/.test(key) ? Number(key) : undefined;
      if (place === undefined) return Reflect.get(target, key, target);
      reads += 1;
      if (reads > mostReads)
        throw new ReadingOutOfBounds(`more than ${mostReads} reads of ${target.length} values`);
      if (!(Number.isInteger(place) && place >= 0 && place < target.length)) {
        throw new ReadingOutOfBounds(`place ${String(key)} of ${target.length} was read`);
      }
      return target[place];
    },
  });
}
