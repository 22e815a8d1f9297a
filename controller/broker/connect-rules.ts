import { createHash, timingSafeEqual } from 'node:crypto';
import type { ConnectPacket } from 'aedes';
import { PayloadRefused } from '#contract/payload.ts';
import type { Rights } from './rights.ts';
import type { Seat } from './seats.ts';
import { isCleanText, topicNameTrouble } from './topic-form.ts';
import { readPublish } from './wire-payload.ts';

/** Seconds; 0 (never) is refused too, so that a dead connection is always found. */
const KEEPALIVE_MOST = 300;

/** Why a client may not connect, with the CONNACK return code that says so (MQTT 3.1.1 table 3.1). */
export interface ConnectRefusal {
  readonly returnCode: 2 | 4 | 5;
  readonly reason: string;
}

/** Text that the standard tells a server to close the connection on, without a CONNACK. */
export function connectTextTrouble(connect: ConnectPacket): string | undefined {
  if (!isCleanText(connect.clientId) || !isCleanText(connect.username ?? '')) {
    return 'wanted a client id and a user name in UTF-8 without NUL';
  }
  return connect.will ? topicNameTrouble(connect.will.topic) : undefined;
}

/** Every rule a CONNECT must keep on the listener where it came in; undefined when it keeps them all. */
export function connectRefusal(
  connect: ConnectPacket,
  seat: Seat,
  rules: { readonly rights: Rights; readonly box: string; readonly token: string },
): ConnectRefusal | undefined {
  if (seat.role === 'local' && !isLocal(connect, rules.token)) {
    return { returnCode: 4, reason: 'wanted the user name local and the token of the data folder' };
  }
  const { clientId } = connect;
  if (!connect.clean) {
    return clientId === ''
      ? { returnCode: 2, reason: 'wanted a client id, or a clean session' }
      : { returnCode: 5, reason: 'wanted a clean session: nothing is kept here for clients that are away' };
  }
  if (clientId !== '' && !rules.rights.mayBeCalled(seat.role, clientId)) {
    return { returnCode: 2, reason: `wanted a client id of the role ${seat.role}, got "${clientId}"` };
  }
  const keepalive = connect.keepalive ?? 0;
  if (keepalive < 1 || keepalive > KEEPALIVE_MOST) {
    return { returnCode: 5, reason: `wanted a keepalive from 1 to ${KEEPALIVE_MOST} s, got ${keepalive}` };
  }
  return willRefusal(connect, seat, rules);
}

function willRefusal(
  { will }: ConnectPacket,
  seat: Seat,
  { rights, box }: { readonly rights: Rights; readonly box: string },
): ConnectRefusal | undefined {
  if (!will) return undefined;
  if (
    !rights.mayWill(seat.role, will.topic) ||
    !rights.mayPublish(seat.role, will.topic, will.retain === true)
  ) {
    return { returnCode: 5, reason: `${seat.role} may not leave a will on ${will.topic}` };
  }
  try {
    readPublish(box, { topic: will.topic, payload: will.payload, qos: will.qos ?? 0 });
    return undefined;
  } catch (error) {
    if (error instanceof PayloadRefused) return { returnCode: 5, reason: `will: ${error.message}` };
    throw error;
  }
}

/** Compares digests, so that neither the token's length nor its first wrong octet shows in the time taken. */
function isLocal(connect: ConnectPacket, token: string): boolean {
  const digest = (octets: Uint8Array | string) => createHash('sha256').update(octets).digest();
  const same = timingSafeEqual(digest(connect.password ?? ''), digest(token));
  return same && token !== '' && connect.username === 'local';
}
