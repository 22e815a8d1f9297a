import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, median } from './dnsperf.ts';
import { type BenchNames, benchNames } from './names.ts';
import { type Peer, startDnsmasq, startEcho, startOurs, startUnboundPeer, startUpstream } from './peers.ts';

/** Rounds and seconds a round: the peers take turns, so that a slow moment of the machine hits all alike. */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 5);

interface Row {
  readonly load: 'blocked' | 'cached';
  readonly peer: string;
  readonly perSecond: number;
}

/** Asks every peer for the same names in turn; answers the median of each. */
async function compare(
  load: Row['load'],
  names: readonly string[],
  peers: readonly Peer[],
  folder: string,
): Promise<Row[]> {
  const queries = join(folder, `${load}.txt`);
  writeFileSync(queries, names.map((name) => `${name} A\n`).join(''));
  const rates = new Map<Peer, number[]>(peers.map((peer) => [peer, []]));
  for (const peer of peers) await measure(peer, queries, 1);
  for (let round = 0; round < ROUNDS; round++) {
    for (const peer of peers) rates.get(peer)?.push(await measure(peer, queries, SECONDS));
    process.stdout.write(`  ${load}, round ${round + 1} of ${ROUNDS}\n`);
  }
  return peers.map((peer) => ({ load, peer: peer.name, perSecond: median(rates.get(peer) ?? []) }));
}

/** Our rate over each peer's, for each load. */
function ratios(rows: readonly Row[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const row of rows.filter(({ peer }) => peer !== 'gatehouse')) {
    const ours = rows.find((other) => other.peer === 'gatehouse' && other.load === row.load);
    if (ours)
      found[`${row.load}, gatehouse / ${row.peer}`] = Number((ours.perSecond / row.perSecond).toFixed(2));
  }
  return found;
}

function show(rows: readonly Row[], found: Record<string, number>, names: BenchNames): void {
  process.stdout.write(
    `\n${names.blocked.length} names asked of ${names.listed} in the list (${names.from})\n`,
  );
  for (const row of rows) {
    process.stdout.write(
      `${row.load.padEnd(8)} ${row.peer.padEnd(10)} ${Math.round(row.perSecond).toString().padStart(8)} answers/s\n`,
    );
  }
  for (const [what, ratio] of Object.entries(found))
    process.stdout.write(`${what.padEnd(34)} ${ratio.toFixed(2)}\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const names = benchNames(folder);
const upstream = await startUpstream(folder, names.cached);
const peers = [
  await startOurs(folder, names, upstream.port),
  await startDnsmasq(folder, names, upstream.port),
  await startUnboundPeer(folder, names, upstream.port),
  await startEcho(),
];
try {
  const rows = [
    ...(await compare('blocked', names.blocked, peers, folder)),
    ...(await compare('cached', names.cached, peers, folder)),
  ];
  const found = ratios(rows);
  show(rows, found, names);
  mkdirSync('.gatehouse', { recursive: true });
  writeFileSync(
    '.gatehouse/bench.json',
    `${JSON.stringify({ at: new Date().toISOString(), rows, ratios: found }, null, 2)}\n`,
  );
} finally {
  for (const peer of [...peers, upstream]) await peer.stop();
  rmSync(folder, { recursive: true, force: true });
}
