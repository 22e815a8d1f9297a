import { Duplex } from 'node:stream';

/** Remaining lengths, in octets. A stranger gets the first, somebody who said CONNECT the second. */
const FRAME_LIMITS = { beforeConnect: 2048, afterConnect: 65_536 } as const;

/** Octets that may wait for a client before writes would block its neighbours. Twice what slow consumers are cut at. */
const WRITE_MARK = 1_048_576;
/** Octets of one client that may wait to be read. */
const READ_MARK = 65_536;
const CONNECT = 1;

/**
 * Follows the fixed headers in a stream of octets, however it is cut up.
 * @returns a function that says what is wrong with the octets, undefined while nothing is
 * @see MQTT 3.1.1 section 2.2; MQTT-3.1.0-1
 */
export function frameScanner(limits = FRAME_LIMITS): (octets: Uint8Array) => string | undefined {
  let first = true;
  let inLength = false;
  let shift = 0;
  let length = 0;
  let bodyLeft = 0;

  function type(octet: number): string | undefined {
    if (first && octet >> 4 !== CONNECT) return `wanted CONNECT first, got packet type ${octet >> 4}`;
    inLength = true;
    shift = 0;
    length = 0;
    return undefined;
  }

  function lengthOctet(octet: number): string | undefined {
    length += (octet & 127) * 2 ** shift;
    shift += 7;
    if (octet & 128)
      return shift < 28 ? undefined : 'wanted a remaining length of at most 4 octets, got more';
    const most = first ? limits.beforeConnect : limits.afterConnect;
    if (length > most) return `wanted a packet of at most ${most} octets, got one of ${length}`;
    first = false;
    inLength = false;
    bodyLeft = length;
    return undefined;
  }

  return (octets) => {
    for (let at = 0; at < octets.length; ) {
      if (bodyLeft > 0) {
        const skipped = Math.min(bodyLeft, octets.length - at);
        bodyLeft -= skipped;
        at += skipped;
        continue;
      }
      const octet = octets[at++] ?? 0;
      const trouble = inLength ? lengthOctet(octet) : type(octet);
      if (trouble) return trouble;
    }
    return undefined;
  };
}

/**
 * Puts the limits between `transport` and the broker: the packet parser never sees an octet of an oversized
 * packet's body. What came meanwhile is handed on as one chunk for each read, because the broker reads once for
 * each 'readable' and Node gives one chunk for each read: the rest of a packet in pieces would lie there.
 */
export function guardFraming(transport: Duplex): Duplex {
  const scan = frameScanner();
  let waiting: Buffer[] = [];
  let octetsWaiting = 0;
  let isWanted = false;

  function deliver(): void {
    if (!isWanted || octetsWaiting === 0) return;
    const octets = Buffer.concat(waiting);
    waiting = [];
    octetsWaiting = 0;
    isWanted = false;
    transport.resume();
    guarded.push(octets);
  }

  const guarded = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: 1,
    writableHighWaterMark: WRITE_MARK,
    read: () => {
      isWanted = true;
      setImmediate(deliver);
    },
    write: (octets: Uint8Array, _encoding, done) => {
      transport.write(octets, done);
    },
    writev: (parts, done) => {
      transport.write(Buffer.concat(parts.map((part) => part.chunk as Uint8Array)), done);
    },
    final: (done) => {
      transport.end(done);
    },
    destroy: (error, done) => {
      transport.destroy();
      done(error);
    },
  });
  transport.on('data', (octets: Buffer) => {
    const trouble = scan(octets);
    if (trouble) {
      guarded.destroy(new Error(trouble));
      return;
    }
    waiting.push(octets);
    octetsWaiting += octets.length;
    if (octetsWaiting >= READ_MARK) transport.pause();
    deliver();
  });
  transport.on('end', () => {
    isWanted = true;
    deliver();
    guarded.push(null);
  });
  transport.on('error', (error) => guarded.destroy(error));
  transport.on('close', () => guarded.destroy());
  return guarded;
}
