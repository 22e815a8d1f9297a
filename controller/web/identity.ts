import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parse, serialize } from 'hono/utils/cookie';

const COOKIE = 'gatehouse';

/** Longer ones are nobody's: tokens of this appliance are far shorter. */
const LONGEST_TOKEN = 512;

/** Reads the session token of a request: a bearer token (the command line) before the cookie (the page). */
export function tokenOf(request: IncomingMessage): string | undefined {
  const { authorization, cookie } = request.headers;
  const token =
    authorization === undefined
      ? parse(cookie ?? '', COOKIE)[COOKIE]
      : /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
  return token && token.length <= LONGEST_TOKEN ? token : undefined;
}

/** The name under which a session's live connections are known: SHA-256 of its token, in hex. */
export function principalOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Composes Set-Cookie for a new session. `secure` when the request came over TLS. It has no expiry: on a
 * shared computer it ends with the browser, and the appliance ends it in any case.
 */
export function composeCookie(token: string, secure: boolean): string {
  return serialize(COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/', secure });
}

/** Composes Set-Cookie that makes the browser forget the session. */
export function composeForgetCookie(secure: boolean): string {
  return serialize(COOKIE, '', { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 0, secure });
}

/** Whether a request came over TLS. */
export function isSecure(request: IncomingMessage): boolean {
  return 'encrypted' in request.socket && request.socket.encrypted === true;
}

/** The client's address, from its socket and never from a header. IPv4 plain, without zone. */
export function clientOf(request: IncomingMessage): string {
  const address = request.socket.remoteAddress ?? '';
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
