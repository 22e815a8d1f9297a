import { EventEmitter } from 'node:events';
import { SerialPort } from 'serialport';

const RETRY_MS = 250;

/** A serial port that comes and goes, as the transport of one Firmata for the life of the process. */
export interface SerialLink {
  /** `data` for Firmata; `up` and `down` (why) for the panel. */
  readonly transport: EventEmitter;
  isOpen(): boolean;
  write(octets: Iterable<number>): void;
  /** Closes the port; it is opened again like one that was unplugged. */
  drop(why: string): void;
  close(): Promise<void>;
}

/** Opens `path`, and again for ever. Octets written while it is away are gone: the panel is set anew afterwards. */
export function openSerialLink(path: string, baudRate: number): SerialLink {
  let port: SerialPort | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;
  let lose = (_why: string) => {};

  function write(octets: Iterable<number>, onWritten: () => void = () => {}): void {
    if (!port) setImmediate(onWritten);
    // A failed write is followed by the port's own error or close.
    else port.write(Buffer.from([...octets]), () => onWritten());
  }
  const transport = Object.assign(new EventEmitter(), { write });

  function open(): void {
    const fresh = new SerialPort({ path, baudRate, autoOpen: false, hupcl: false });
    let isGone = false;
    // An error and a close may both come, and a close twice.
    const gone = (why: string) => {
      if (isGone) return;
      isGone = true;
      const wasOpen = port === fresh;
      port = undefined;
      fresh.removeAllListeners('data');
      if (fresh.isOpen) fresh.close(() => {});
      if (wasOpen) transport.emit('down', why);
      if (!isClosed) retry = setTimeout(open, RETRY_MS);
    };
    fresh.on('error', (error) => gone(error.message));
    fresh.on('close', () => gone('unplugged'));
    fresh.on('data', (octets: Buffer) => {
      try {
        transport.emit('data', octets);
      } catch (error) {
        gone(`not understood: ${String(error)}`);
      }
    });
    fresh.open((error) => {
      if (error) return gone(error.message);
      if (isClosed) return fresh.close();
      wakeFor(fresh);
      port = fresh;
      lose = gone;
      transport.emit('up');
    });
  }

  open();
  return {
    transport,
    isOpen: () => port !== undefined,
    write,
    drop: (why) => lose(why),
    async close() {
      isClosed = true;
      clearTimeout(retry);
      const { promise, resolve } = Promise.withResolvers<void>();
      if (port?.isOpen) port.close(() => resolve());
      else resolve();
      await promise;
    },
  };
}

/**
 * On Node 26.4 and later what serialport's poller calls back does not run on by itself in an otherwise idle
 * process: reads stall for up to 30 s (node-serialport issue 3148). A turn of the loop after each event wakes it.
 */
function wakeFor(port: SerialPort): void {
  const { poller } = port.port as unknown as { readonly poller?: EventEmitter };
  for (const event of ['readable', 'writable']) poller?.on(event, () => setImmediate(() => {}));
}
