/** Cuts a stream into messages: two octets of length, then so many octets. @see RFC 7766 section 8 */
export interface Frames {
  /** Takes what came; calls back for each message that is whole. */
  take(chunk: Buffer): void;
  /** Octets of a message that is not whole yet. */
  pending(): number;
}

const FIRST_OCTETS = 1024;

/** @param onMessage gets each message; its octets stay as they are */
export function createFrames(onMessage: (message: Buffer) => void): Frames {
  const head = Buffer.alloc(2);
  let headOctets = 0;
  let message: Buffer | undefined;
  let length = 0;
  let filled = 0;

  /** @returns octets of `chunk` used, from `at` on */
  const fill = (chunk: Buffer, at: number): number => {
    if (!message) {
      head[headOctets++] = chunk[at] as number;
      if (headOctets === 2) {
        length = head.readUInt16BE(0);
        message = Buffer.alloc(Math.min(length, FIRST_OCTETS));
        filled = 0;
      }
      return 1;
    }
    // Room is made as octets come: a length alone takes none.
    if (filled === message.length) {
      message = Buffer.concat([message, Buffer.alloc(Math.min(length - filled, filled))]);
    }
    const taken = chunk.copy(message, filled, at);
    filled += taken;
    return taken;
  };

  return {
    take(chunk) {
      let at = 0;
      while (at < chunk.length) {
        at += fill(chunk, at);
        if (message && filled === length) {
          const whole = message;
          message = undefined;
          headOctets = 0;
          onMessage(whole);
        }
      }
    },
    pending: () => headOctets + filled * (message ? 1 : 0),
  };
}
