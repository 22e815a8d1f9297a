import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Accounts } from '#accounts/accounts.ts';
import { type ClaimDesk, claimCode, isClaimCode, openClaim } from '#accounts/claim.ts';
import type { Claim } from '#contract/http.ts';
import type { SetupFile } from '#contract/settings.ts';
import type { Records } from '#records/records.ts';
import { settingsOf } from '#settings/defaults.ts';
import { NothingChanged } from '#settings/edits.ts';
import type { SettingsStore } from '#settings/settings.ts';

export interface ClaimingOptions {
  readonly accounts: Accounts;
  readonly records: Pick<Records, 'append' | 'entries'>;
  readonly settings: SettingsStore;
  readonly codeFile: string;
  readonly now: () => number;
  readonly random: (octets: number) => Uint8Array;
}

/** Who owns this box: nobody at first, then the people of the first claim. */
export interface Claiming {
  claimed(): boolean;
  claimedAt(): Temporal.Instant | undefined;
  /** The code for whoever sits at the terminal; undefined once claimed. */
  code(): string | undefined;
  claim(request: Claim): Promise<void>;
  /** An installation without questions. */
  setUp(setup: SetupFile): Promise<void>;
}

/** Also finishes a claim that a power cut left without its ledger entry. */
export async function openClaiming(options: ClaimingOptions): Promise<Claiming> {
  const { accounts, records, settings } = options;
  let claimedAt = await recordedClaim(options);
  const claimed = () => accounts.people().length > 0;
  const code = claimed() ? undefined : keepCode(options);
  const desk: ClaimDesk | undefined = code === undefined ? undefined : openClaim({ code, now: options.now });

  async function seal(by: string, how: string): Promise<void> {
    const [entry] = await records.append([
      { kind: 'claimed', by, body: { how, people: accounts.people().length } },
    ]);
    claimedAt = entry ? Temporal.Instant.from(entry.at) : undefined;
    rmSync(options.codeFile, { force: true });
  }

  if (claimed() && !claimedAt) await seal('box', 'finished after an interruption');
  return {
    claimed,
    claimedAt: () => claimedAt,
    code: () => (claimed() ? undefined : code),
    async claim({ code: candidate, provider, people }) {
      await desk?.redeem(candidate, async () => {
        await changeUnlessSame(settings, {
          what: ['provider'],
          by: 'box',
          why: 'set-up on the page',
          mutate: (draft) => Object.assign(draft, { provider }),
        });
        const [first] = await accounts.addPeople(people);
        await seal(first?.id ?? 'box', 'page');
      });
    },
    async setUp(setup) {
      const wanted = settingsOf(setup);
      await changeUnlessSame(settings, {
        what: [],
        by: 'box',
        why: 'set-up file',
        mutate: (draft) => Object.assign(draft, { ...wanted, lists: [...wanted.lists, ...draft.lists] }),
      });
      await accounts.addPeople(setup.people);
      await seal('box', 'set-up file');
    },
  };
}

async function changeUnlessSame(
  settings: SettingsStore,
  request: Parameters<SettingsStore['change']>[0],
): Promise<void> {
  await settings.change(request).catch((error: unknown) => {
    if (!(error instanceof NothingChanged)) throw error;
  });
}

async function recordedClaim({ records }: ClaimingOptions): Promise<Temporal.Instant | undefined> {
  const [entry] = await records.entries({ kinds: ['claimed'], limit: 1 });
  return entry ? Temporal.Instant.from(entry.at) : undefined;
}

/** The code stays the same over restarts until somebody used it: it may be printed on a label. */
function keepCode({ codeFile, random }: ClaimingOptions): string {
  const kept = existsSync(codeFile) ? readFileSync(codeFile, 'utf8').trim() : '';
  if (isClaimCode(kept)) return kept;
  const code = claimCode(random);
  writeFileSync(codeFile, `${code}\n`, { mode: 0o600 });
  return code;
}
