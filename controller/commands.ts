import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { Environment } from '#contract/environment.ts';
import { LEGEND, RHYTHM_MEANINGS } from '#contract/legend.ts';
import { PROFILES } from '#contract/profiles.ts';
import { Status } from '#contract/status.ts';
import { Explanation } from '#contract/verdict.ts';
import { verifyLedger } from '#records/verify.ts';
import { ask, Unanswered } from './appliance/console-client.ts';
import { runAppliance } from './main.ts';

/** Exit code of a configuration that cannot be used (sysexits' EX_CONFIG). */
const EX_CONFIG = 78;

const program = new Command('gatehouse')
  .description(
    'A DNS filter with weekly proof. Settings come from GATEHOUSE_* in the environment; see the README.',
  )
  .version(version())
  .showHelpAfterError();

program
  .command('run')
  .description('start filtering, and go on until SIGTERM')
  .action(async () => {
    await runAppliance(environment(), version());
  });

program
  .command('status')
  .description('how the running Gatehouse fares, in words')
  .option('--json', 'as the API gives it')
  .action(async (options: { json?: boolean }) => {
    const status = Status.parse(await ask(environment(), 'GET', '/api/status'));
    print(options.json ? JSON.stringify(status, null, 2) : statusLines(status).join('\n'));
  });

program
  .command('lamps')
  .description('what each lamp means, and what it shows now')
  .action(async () => {
    const now = await ask(environment(), 'GET', '/api/status').then(Status.parse, () => undefined);
    print(lampLines(now).join('\n'));
  });

program
  .command('explain')
  .description('why a name is blocked or allowed')
  .argument('<name>', 'a domain name, such as example.org')
  .addOption(new Option('--profile <profile>', 'for whom').choices(PROFILES).default('learner'))
  .option('--at <time>', 'at another time, such as 2026-11-23T09:00:00Z')
  .option('--json', 'as the API gives it')
  .action(async (name: string, options: { profile: string; at?: string; json?: boolean }) => {
    const query = new URLSearchParams({
      name,
      profile: options.profile,
      ...(options.at ? { at: options.at } : {}),
    });
    const explanation = Explanation.parse(await ask(environment(), 'GET', `/api/explain?${query}`));
    print(options.json ? JSON.stringify(explanation, null, 2) : explanationLines(explanation).join('\n'));
  });

program
  .command('lists')
  .description('the blocklists')
  .command('refresh')
  .description('fetch every list again now')
  .action(async () => {
    const lists = (await ask(environment(), 'POST', '/api/lists/refresh')) as ListLine[];
    print(
      lists
        .map((list) => `${list.name}: ${list.names} names${list.trouble ? ` - ${list.trouble}` : ''}`)
        .join('\n'),
    );
    if (lists.some((list) => list.trouble)) process.exitCode = 1;
  });

program
  .command('verify')
  .description('check a ledger offline: every entry, its place in the chain and its signature')
  .argument('<ledger>', 'ledger.db, or the data folder that holds it')
  .action((path: string) => {
    const found = verifyLedger(path);
    if (found.ok) {
      print(`The ledger is whole: ${found.entries} entries, head ${found.head.hash}.`);
      return;
    }
    process.stderr.write(
      `The ledger is NOT whole. ${found.seq ? `Entry ${found.seq}: ` : ''}${found.what}\n`,
    );
    process.exitCode = 1;
  });

interface ListLine {
  readonly name: string;
  readonly names: number;
  readonly trouble: string | null;
}

function statusLines(status: Status): string[] {
  const states = {
    FILTER: status.filter,
    INTERNET: status.upstream,
    CHECK: status.check,
    OVERRIDE: status.override,
  };
  return [
    `Gatehouse ${status.version}, running since ${status.startedAt}`,
    `${status.index.names} names from ${status.index.lists} lists`,
    ...Object.entries(states).map(
      ([name, state]) => `${name.padEnd(9)} ${state.level.padEnd(8)} ${state.reason}`,
    ),
  ];
}

function lampLines(status: Status | undefined): string[] {
  const lines = LEGEND.map(({ lamp, shows, meaning }) => {
    const now = status?.lamps[lamp];
    const lit = now?.colour === shows.colour && now.rhythm === shows.rhythm;
    return `${lit ? '>' : ' '} ${lamp.toUpperCase().padEnd(9)} ${`${shows.colour}, ${shows.rhythm}`.padEnd(18)} ${meaning}`;
  });
  const rhythms = Object.entries(RHYTHM_MEANINGS).map(
    ([rhythm, meaning]) => `  ${rhythm.padEnd(9)} ${meaning}`,
  );
  const now = status
    ? '> is what the lamp shows now.'
    : 'Gatehouse is not running here, so what the lamps show now is not known.';
  return [...lines, '', 'Rhythms, on any lamp:', ...rhythms, '', now];
}

function explanationLines(explanation: Explanation): string[] {
  return [
    `${explanation.name} for ${explanation.profile}: ${explanation.verdict.kind} (${explanation.verdict.tier})`,
    explanation.because,
    ...explanation.lists.map((list) => `  ${list.name} (${list.category}) holds ${list.matched}`),
    ...explanation.wouldChange.map((change) => `  ${change}`),
  ];
}

function environment(): Environment {
  const parsed = Environment.safeParse(process.env);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) process.stderr.write(`gatehouse: ${issue.message}\n`);
  process.exit(EX_CONFIG);
}

function version(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof Unanswered)) throw error;
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exitCode = 1;
});
