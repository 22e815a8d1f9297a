import { isIP } from 'node:net';
import { CATEGORIES } from '#contract/categories.ts';
import { addressNumber } from '#contract/clients.ts';
import { categoryOf, tierOf, type VerdictCode } from '#filter/decide.ts';
import {
  type Addresses,
  type AddressTemplate,
  composeAddress,
  composeAddressed,
  composeError,
  composeNegative,
  composeOpt,
  type OptTemplate,
} from './compose.ts';
import type { Query } from './query.ts';
import { EDE_BLOCKED, NXDOMAIN, REFUSED } from './wire.ts';

/** Where the block page and the appliance itself can be reached. */
export interface PageAddresses {
  readonly v4?: string | undefined;
  readonly v6?: string | undefined;
}

/** A page address that is none. */
export class PageAddressUnusable extends Error {
  constructor(wanted: 4 | 6, got: string) {
    super(`wanted an IPv${wanted} address for the block page, got "${got}"`);
    this.name = 'PageAddressUnusable';
  }
}

/**
 * The addresses as records ready to copy.
 * @throws PageAddressUnusable
 */
export function pageRecords(page: PageAddresses): Addresses {
  return { v4: addressRecord(page.v4, 4), v6: addressRecord(page.v6, 6) };
}

function addressRecord(text: string | undefined, family: 4 | 6): AddressTemplate | undefined {
  if (text === undefined) return undefined;
  if (isIP(text) !== family) throw new PageAddressUnusable(family, text);
  const octets = Buffer.from((addressNumber(text) as bigint).toString(16).padStart(32, '0'), 'hex');
  return composeAddress(family === 4 ? octets.subarray(12) : octets);
}

const UNSPECIFIED: Addresses = {
  v4: composeAddress(new Uint8Array(4)),
  v6: composeAddress(new Uint8Array(16)),
};

/** Composes what a client is told of a name that it may not have. @returns octets written */
export type ComposeBlocked = (out: Buffer, query: Query, verdict: VerdictCode) => number;

export function createBlocked(page: Addresses): ComposeBlocked {
  // One OPT a verdict, made when it is first needed: there are as many as categories and tiers.
  const opts: OptTemplate[] = [];
  return (out, query, verdict) => {
    opts[verdict] ??= composeOpt(EDE_BLOCKED, blockedText(verdict));
    const opt = opts[verdict] as OptTemplate;
    switch (query.profile.blockedAnswer) {
      case 'unspecified':
        return composeAddressed(out, query.question, UNSPECIFIED, opt);
      case 'nxdomain':
        return composeNegative(out, query.question, NXDOMAIN, opt);
      case 'refused':
        return composeError(out, query.question, REFUSED, opt);
      default:
        return composeAddressed(out, query.question, page, opt);
    }
  };
}

/** The reason in a few words, for people whose program shows it. */
function blockedText(verdict: VerdictCode): string {
  const category = categoryOf(verdict);
  switch (tierOf(verdict)) {
    case 'lockdown':
      return 'Blocked: only named sites are open at the moment';
    case 'own-block':
      return 'Blocked by a rule of this network';
    case 'safe-search':
      return 'Blocked: a search engine without safe search';
    default:
      return category ? `Blocked: ${CATEGORIES[category].title}` : 'Blocked';
  }
}
