import { once } from 'node:events';
import { Firmata, type FirmataIo, five } from './firmata.ts';
import { driveLeds, LED_NAMES, type LedDriver, type LedName } from './leds.ts';
import { DARK_LAMPS, type Lamps, type Panel, UNKNOWN_LAMPS } from './panel.ts';
import { openSerialLink, type SerialLink } from './serial-link.ts';
import { BAUD_RATE, BUTTON_PIN, LED_PINS, PINS_NEEDED, PORTS } from './wiring.ts';

const PING_MS = 500;
/** A board that answers no ping for so long is dropped and opened again. */
const GIVE_UP_MS = 3000;
/** Firmata asks for the version itself after this; we ask as soon as a port opens. */
const NEVER_MS = 0x7fffffff;

/** Firmata 2.6 octets. */
const REPORT_VERSION = [0xf9];
const QUERY_FIRMWARE = [0xf0, 0x79, 0xf7];
const QUERY_CAPABILITIES = [0xf0, 0x6b, 0xf7];
const QUERY_ANALOG_MAPPING = [0xf0, 0x69, 0xf7];

export interface BoardOptions {
  /** The serial device, such as /dev/ttyUSB0. It may be absent, and come and go. */
  readonly path: string;
  readonly monotonicMs: () => number;
  readonly log: (message: string) => void;
}

/**
 * The panel board on a serial port. One Firmata and one Board live as long as the process; the port beneath them
 * is opened again whenever it is lost, and the board is then set anew.
 */
export function openBoardPanel(options: BoardOptions): Panel {
  const link = openSerialLink(options.path, BAUD_RATE);
  const io = new Firmata(link.transport, { reportVersionTimeout: NEVER_MS });
  io.on('error', (error: Error) => link.drop(error.message));
  let listeners = { edge: (_isDown: boolean) => {}, link: (_isLinked: boolean) => {} };
  let isDown: boolean | undefined;
  let lamps: Lamps = DARK_LAMPS;
  let leds: LedDriver | undefined;

  const session = followBoard(link, io, {
    ...options,
    onSet() {
      setAnew(io);
      leds?.rewrite();
      options.log('panel board ready');
      listeners.link(true);
    },
    onLost(why) {
      isDown = undefined;
      options.log(`panel board lost: ${why}`);
      listeners.link(false);
    },
  });

  startBoard(io, options.log, (level) => {
    // The board reports the whole port, changed or not.
    if (!session.isSet() || isDown === (level === 0)) return;
    isDown = level === 0;
    listeners.edge(isDown);
  }).then(
    (write) => {
      leds = driveLeds(lamps, write, options.monotonicMs);
      session.started();
    },
    (error: unknown) => link.drop(String(error)),
  );

  return {
    show(wanted) {
      lamps = wanted;
      leds?.show(wanted);
      return session.isSet() ? wanted : UNKNOWN_LAMPS;
    },
    isLinked: () => session.isSet(),
    isDown: () => isDown,
    onEdge(listener) {
      listeners = { ...listeners, edge: listener };
    },
    onLink(listener) {
      listeners = { ...listeners, link: listener };
    },
    async close() {
      leds?.show(DARK_LAMPS);
      leds?.close();
      session.close();
      await link.close();
    },
  };
}

interface SessionOptions extends BoardOptions {
  /** The board answers and must be told everything again. */
  onSet(): void;
  onLost(why: string): void;
}

/** Pings the board, and finds out when it went, came or restarted. */
function followBoard(link: SerialLink, io: FirmataIo, options: SessionOptions) {
  let answeredMs = 0;
  let isStarted = false;
  let isSet = false;
  let isFirmwareAsked = false;

  function lost(why: string): void {
    const was = isSet;
    isSet = false;
    isFirmwareAsked = false;
    if (was) options.onLost(why);
  }
  function set(): void {
    if (isSet) options.onLost('restarted');
    isSet = true;
    options.onSet();
  }
  function ask(): void {
    link.write(REPORT_VERSION);
    if (isStarted || !isFirmwareAsked) return;
    // An unplugged handshake left Firmata waiting for an answer that never came: ask for both again.
    link.write(QUERY_CAPABILITIES);
    if (io.pins.length > 0) link.write(QUERY_ANALOG_MAPPING);
  }

  link.transport.on('up', () => {
    answeredMs = options.monotonicMs();
    ask();
  });
  link.transport.on('down', lost);
  io.on('reportversion', () => {
    answeredMs = options.monotonicMs();
    if (isSet || isFirmwareAsked) return;
    isFirmwareAsked = true;
    link.write(QUERY_FIRMWARE);
  });
  io.on('queryfirmware', () => {
    // A report that nobody asked for is the banner of a board that has just restarted and knows nothing.
    if (isStarted && link.isOpen()) set();
  });
  const pinging = setInterval(() => {
    if (!link.isOpen()) return;
    if (options.monotonicMs() - answeredMs > GIVE_UP_MS) link.drop('no answer for 3 s');
    else ask();
  }, PING_MS);

  return {
    isSet: () => isSet,
    started() {
      isStarted = true;
      if (link.isOpen()) set();
    },
    close: () => clearInterval(pinging),
  };
}

/** Waits, however long, for the first whole handshake; then sets up johnny-five on it. */
async function startBoard(
  io: FirmataIo,
  log: BoardOptions['log'],
  onLevel: (level: number) => void,
): Promise<(led: LedName, isOn: boolean) => void> {
  await once(io, 'ready');
  clearTimeout(io.reportVersionTimeoutId);
  if (io.pins.length < PINS_NEEDED) {
    const found = `panel board: wanted at least ${PINS_NEEDED} pins, got ${io.pins.length}`;
    log(found);
    throw new Error(found);
  }
  const board = new five.Board({ io, repl: false, debug: false, sigint: false });
  board.on('error', (error: Error) => log(`panel board: ${error.message}`));
  await once(board, 'ready');
  const pins = new Map(
    LED_NAMES.map((led) => [led, new five.Pin({ pin: LED_PINS[led], board, type: 'digital' })] as const),
  );
  board.pinMode(BUTTON_PIN, io.MODES.PULLUP);
  board.digitalRead(BUTTON_PIN, onLevel);
  return (led, isOn) => {
    if (isOn) pins.get(led)?.high();
    else pins.get(led)?.low();
  };
}

/** Tells the board every pin's mode and level again, and asks for the button's. */
function setAnew(io: FirmataIo): void {
  for (const [pin, { mode }] of io.pins.entries()) if (mode !== undefined) io.pinMode(pin, mode);
  for (const port of PORTS) io.writeDigitalPort(port);
  io.reportDigitalPin(BUTTON_PIN, 1);
}
