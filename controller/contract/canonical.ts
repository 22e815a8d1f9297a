const MAX_DEPTH = 64;

/**
 * The canonical JSON of `value`: keys sorted by code unit, no white space, `undefined` members left out.
 * Hashes and fingerprints are made of its UTF-8 octets.
 * @throws TypeError naming the place, when `value` holds what JSON cannot say.
 */
export function canonicalJson(value: unknown): string {
  return compose(value, '$', 0);
}

function compose(value: unknown, place: string, depth: number): string {
  if (depth > MAX_DEPTH) throw new TypeError(`${place}: wanted at most ${MAX_DEPTH} levels of JSON`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((element, index) => compose(element, `${place}[${index}]`, depth + 1)).join(',')}]`;
  }
  if (isPlainObject(value)) return composeObject(value, place, depth);
  throw new TypeError(`${place}: wanted a JSON value, got ${describe(value)}`);
}

function composeObject(value: Readonly<Record<string, unknown>>, place: string, depth: number): string {
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${compose(value[key], `${place}.${key}`, depth + 1)}`);
  return `{${members.join(',')}}`;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describe(value: unknown): string {
  return typeof value === 'object'
    ? (value?.constructor?.name ?? 'object')
    : `${typeof value} ${String(value)}`;
}
