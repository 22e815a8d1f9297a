import { compileClients } from '#clients/client-table.ts';
import { CATEGORY_IDS, type Category } from '#contract/categories.ts';
import { addressNumber, type ClientTable, profileNumberAt } from '#contract/clients.ts';
import type { Override } from '#contract/override.ts';
import { PROFILES, type ProfileId } from '#contract/profiles.ts';
import type { Settings } from '#contract/settings.ts';
import { categoryOf, decide, isBlocked } from '#filter/decide.ts';
import { createMatch, matchName } from '#filter/match.ts';
import { viewOf } from '#filter/name-view.ts';
import { compilePolicy, type Policy, type Override as PolicyOverride } from '#filter/policy.ts';
import { openTable } from '#filter/table.ts';

/** What is in force now, for the main thread's own questions; the DNS workers have their own copies of the same. */
export interface Enforcement {
  policy(): Policy;
  index(): SharedArrayBuffer;
  /** Compiles what the settings and the override say now. */
  renew(settings: Settings, override: Override): Policy;
  takeIndex(index: SharedArrayBuffer): void;
  profileOf(client: string): ProfileId;
  relaxed(profile: ProfileId, nowMs: number): readonly Category[];
  /** The category for which `name` is blocked; undefined when it is not, or not by a category. */
  blockedCategory(name: string, profile: ProfileId, nowMs: number): Category | undefined;
}

export function createEnforcement(
  settings: Settings,
  override: Override,
  index: SharedArrayBuffer,
): Enforcement {
  let standing = toPolicyOverride(override);
  let policy = compilePolicy(settings, standing, 1);
  let clients: ClientTable = compileClients(settings.networks);
  let inForce = index;
  return {
    policy: () => policy,
    index: () => inForce,
    renew(next, beside) {
      standing = toPolicyOverride(beside);
      policy = compilePolicy(next, standing, policy.generation + 1);
      clients = compileClients(next.networks);
      return policy;
    },
    takeIndex(next) {
      inForce = next;
    },
    profileOf(client) {
      const address = addressNumber(client);
      const number = address === undefined ? -1 : profileNumberAt(clients, address);
      return PROFILES[Math.max(0, number)] ?? PROFILES[0];
    },
    relaxed(profile, nowMs) {
      const mine =
        standing?.kind === 'relaxation' && standing.profiles.includes(profile) ? standing : undefined;
      return mine && nowMs < mine.untilMs ? CATEGORY_IDS.filter((one) => mine.categories.includes(one)) : [];
    },
    blockedCategory(name, profile, nowMs) {
      const mine = policy.profiles.find((one) => one.id === profile);
      if (!mine) return undefined;
      const match = createMatch();
      matchName(openTable(inForce), openTable(policy.overlay), viewOf(name), match);
      const verdict = decide(match, mine, nowMs);
      return isBlocked(verdict) ? categoryOf(verdict) : undefined;
    },
  };
}

function toPolicyOverride(override: Override): PolicyOverride | undefined {
  if (override.kind === 'none') return undefined;
  const untilMs = Date.parse(override.until);
  return override.kind === 'lockdown'
    ? { kind: 'lockdown', profiles: override.profiles, categories: [], untilMs }
    : { kind: 'relaxation', profiles: override.profiles, categories: override.categories, untilMs };
}
