import { domainToASCII } from 'node:url';
import { z } from 'zod';

/**
 * A domain name as policy writes it: lower-case A-labels, no trailing dot, at most 253 characters.
 * @see RFC 9499 section 2; RFC 5890 (A-label)
 */
export const DomainName = z
  .string()
  .max(1000)
  .transform((text, ctx) => {
    const name = toDomainName(text);
    if (name !== undefined) return name;
    ctx.addIssue({
      code: 'custom',
      message: `wanted a domain name such as example.org, got "${text.slice(0, 80)}"`,
    });
    return z.NEVER;
  });

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * Brings a name as people write it (capitals, accents, a trailing dot) to the form policy keeps.
 * @returns undefined when it is no name a DNS question could hold, or when it is an address.
 */
export function toDomainName(text: string): string | undefined {
  const bare = text.trim().replace(/\.$/, '');
  const ascii = /^[\x21-\x7e]+$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
  if (ascii.length === 0 || ascii.length > 253 || /^[\d.]+$/.test(ascii)) return undefined;
  return ascii.split('.').every((label) => LABEL.test(label)) ? ascii : undefined;
}

/** The zone whose names only Gatehouse can answer; seeing one asked proves that the asker uses this filter. */
export const CHECK_ZONE = 'check.gatehouse.home.arpa';

/** The appliance's own name, answered with the block page's addresses. */
export const OWN_NAME = 'gatehouse.home.arpa';
