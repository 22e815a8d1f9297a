import { isIP } from 'node:net';
import { CHECK_ZONE, OWN_NAME } from '#contract/names.ts';

/**
 * Whose name a request was sent to. `own`: this appliance. `check`: the nonce of a weekly check.
 * `foreign`: a blocked name that our DNS pointed here, or somebody's rebound name.
 */
export interface AskedHost {
  readonly kind: 'own' | 'check' | 'foreign';
  /** Lower case, without port and trailing dot, at most 253 characters. Hostile text when foreign. */
  readonly name: string;
}

const OWN_NAMES: ReadonlySet<string> = new Set(['localhost', OWN_NAME, 'gatehouse.local']);

/**
 * Places the Host header. Only names that nobody else can publish are ours: a page of another site that
 * rebinds its own name to our address stays outside.
 */
export function placeHost(header: string | undefined): AskedHost {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/@]+))(?::\d{1,5})?$/.exec(header ?? '');
  const literal = parts?.[1];
  if (literal !== undefined) return { kind: isIP(literal) === 6 ? 'own' : 'foreign', name: literal };
  const name = (parts?.[2] ?? header ?? '').toLowerCase().replace(/\.$/, '').slice(0, 253);
  if (parts === null) return { kind: 'foreign', name };
  if (isIP(name) === 4 || OWN_NAMES.has(name)) return { kind: 'own', name };
  return { kind: name === CHECK_ZONE || name.endsWith(`.${CHECK_ZONE}`) ? 'check' : 'foreign', name };
}

/**
 * Whether a page of `origin` is a page of this appliance as `host` names it (port included).
 * @returns false for `null` and for all that is no origin
 */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol } = new URL(origin);
  const asHost = `${protocol}//${host}`;
  return (
    (protocol === 'http:' || protocol === 'https:') &&
    URL.canParse(asHost) &&
    new URL(origin).origin === new URL(asHost).origin
  );
}
