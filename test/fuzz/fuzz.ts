import { writeFileSync } from 'node:fs';
import { failurePath, failureText, runCampaign } from './campaign.ts';
import { TARGETS } from './targets.ts';

const MOST_SEED = 0x7fff_ffff;

/** A whole number from the environment; the program ends with 78 when there is another text. */
function numberFrom(name: string, otherwise: number, most: number): number {
  const text = process.env[name] ?? '';
  if (text === '') return otherwise;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  process.stderr.write(`${name}: wanted a whole number up to ${most}, got "${text}"\n`);
  process.exit(78);
}

const seconds = numberFrom('SECONDS', 60, 1_000_000);
const seed = numberFrom('SEED', Math.floor(Math.random() * MOST_SEED), MOST_SEED);
const wanted = process.env['TARGET'] ?? '';
const targets = TARGETS.filter(({ name }) => wanted === '' || name === wanted);
if (targets.length === 0) {
  const names = TARGETS.map(({ name }) => `  ${name}\n`).join('');
  process.stderr.write(`TARGET: wanted one of\n${names}got "${wanted}"\n`);
  process.exit(78);
}

process.stdout.write(`fuzz: ${targets.length} targets, ${seconds} s in all, SEED=${seed}\n`);
const tallies = await runCampaign({
  targets,
  seed,
  steadyMs: () => performance.now(),
  // At least one batch, whatever the time.
  goesOn: (spentMs, cases) => cases === 0 || spentMs < (seconds * 1000) / targets.length,
});
for (const { name, cases, spentMs, failure } of tallies) {
  const count = `${name.padEnd(28)}${String(cases).padStart(9)} cases in ${(spentMs / 1000).toFixed(1)} s`;
  process.stdout.write(`${count}${failure ? '  FAILED' : ''}\n`);
  if (!failure) continue;
  const path = failurePath(name, failure);
  writeFileSync(path, failureText(name, seed, failure));
  process.stdout.write(`  ${failure.message.split('\n')[0]}\n  smallest case: ${path}\n`);
  process.stdout.write(`  again: make fuzz SEED=${seed} TARGET='${name}'\n`);
}
const failed = tallies.filter(({ failure }) => failure).length;
const all = tallies.reduce((sum, { cases }) => sum + cases, 0);
process.stdout.write(`${all} cases, ${failed} of ${tallies.length} targets failed, SEED=${seed}\n`);
process.exit(failed > 0 ? 1 : 0);
