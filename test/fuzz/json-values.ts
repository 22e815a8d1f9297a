import fc from 'fast-check';

/** Texts that some schema or other looks at twice. */
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ maxLength: 20, unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '__proto__',
    'constructor',
    'learner',
    'staff',
    'gambling',
    'dsl',
    'network manager',
  ),
  fc.constantFrom('example.org', 'EXAMPLE.org.', 'bücher.example', '192.0.2.7', 'a..b', '.', '\u0000'),
  fc.constantFrom(
    '2030-01-07',
    '2030-02-30',
    '2030-01-07T09:00:00Z',
    'file:x',
    'https://example.org/l',
    'http://x',
  ),
  fc.constantFrom('udp://192.0.2.53:53', 'udp://999.0.2.53:99999', 'udp://[::::]:53', 'udp://[2001:db8::53]'),
  fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('::ffff:192.0.2.1', '0', '1.2')), fc.nat(140))
    .map(([address, bits]) => `${address}/${bits}`),
  fc
    .tuple(fc.constantFrom('a', 'é', ' ', '.', '@'), fc.nat(3000))
    .map(([letter, times]) => letter.repeat(times)),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, -1, 7, 60, 2 ** 31, 2 ** 53, -0));

/** Any value that can come as JSON. */
export const jsonValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: text },
    { weight: 2, arbitrary: number },
    { weight: 2, arbitrary: fc.constantFrom(null, true, false, [], {}) },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 5 }) },
    { weight: 2, arbitrary: fc.dictionary(text, tie('value'), { maxKeys: 5 }) },
  ),
})).value;

/** A change inside a value: the way to it, place by place modulo what is there, and what is put there. */
export interface Graft {
  readonly way: readonly number[];
  readonly kind: 'replace' | 'remove' | 'add' | 'repeat';
  readonly value: unknown;
}

export const grafts: fc.Arbitrary<readonly Graft[]> = fc.array(
  fc.record({
    way: fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
    kind: fc.constantFrom('replace', 'replace', 'remove', 'add', 'repeat'),
    value: jsonValue,
  }),
  { maxLength: 3 },
);

/** A copy of `original` with the changes made; it is JSON again. */
export function grafted(original: unknown, list: readonly Graft[]): unknown {
  const root = { it: JSON.parse(JSON.stringify(original)) as unknown };
  for (const graft of list) graftOnce(root, graft);
  return root.it;
}

type Tree = Record<string, unknown>;

function graftOnce(root: { it: unknown }, { way, kind, value }: Graft): void {
  let parent: Tree = root;
  let key = 'it';
  for (const step of way) {
    const child = parent[key];
    if (typeof child !== 'object' || child === null || Object.keys(child).length === 0) break;
    const keys = Object.keys(child);
    parent = child as Tree;
    key = keys[step % keys.length] as string;
  }
  if (kind === 'replace') put(parent, key, value);
  else if (kind === 'add') put(parent, Array.isArray(parent) ? String(parent.length) : 'extra', value);
  else if (kind === 'repeat' && Array.isArray(parent)) parent.push(parent[Number(key)]);
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (parent !== (root as Tree)) delete parent[key];
}

function put(parent: Tree, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The text of some JSON, sound or spoilt. */
export const jsonText = fc.oneof(
  jsonValue.map((value) => JSON.stringify(value)),
  fc.tuple(jsonValue, fc.nat(200)).map(([value, length]) => JSON.stringify(value).slice(0, length)),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '"', '-', '1e'), fc.nat(2000))
    .map(([part, times]) => part.repeat(times)),
);
