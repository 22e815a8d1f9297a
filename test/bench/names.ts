import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const lists = join(import.meta.dirname, '..', '..', '..', 'shared', 'lists');

/** What the peers hold and are asked. */
export interface BenchNames {
  /** A plain list, one name a line, every name distinct. */
  readonly file: string;
  readonly all: readonly string[];
  readonly listed: number;
  /** Names drawn evenly from the list. */
  readonly blocked: readonly string[];
  /** Names of nobody's list, which the upstream knows. */
  readonly cached: readonly string[];
  readonly from: string;
}

/** Every domain of the public lists beside the project; as many made-up names where they are absent. */
export function benchNames(folder: string): BenchNames {
  const found = existsSync(lists) ? publicNames() : [];
  const all =
    found.length > 0 ? found : Array.from({ length: 300_000 }, (_, i) => `name-${i}.list-${i % 977}.test`);
  const file = join(folder, 'list.txt');
  writeFileSync(file, `${all.join('\n')}\n`);
  const step = Math.max(1, Math.floor(all.length / 20_000));
  return {
    file,
    all,
    listed: all.length,
    blocked: all.filter((_, i) => i % step === 0).slice(0, 20_000),
    cached: Array.from({ length: 2_000 }, (_, i) => `host-${i}.example.org`),
    from: found.length > 0 ? 'public lists' : 'generated names',
  };
}

function publicNames(): string[] {
  const names = new Set<string>();
  for (const path of globSync(
    ['ut1/*.txt', 'blocklistproject/*/domains.txt', 'blocklistproject/*-domains.txt'],
    { cwd: lists },
  )) {
    for (const line of readFileSync(join(lists, path), 'utf8').split('\n')) {
      const name = line.trim().toLowerCase();
      if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name) && !/^[\d.]+$/.test(name) && name.length < 200)
        names.add(name);
    }
  }
  return [...names];
}
