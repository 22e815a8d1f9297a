import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PINS = 20;
const [OUTPUT, PULLUP] = [1, 11];

/**
 * The far end of a panel board's serial line: a Firmata 2.6 device as far as a panel needs one, scripted. It keeps
 * its pins in memory and forgets them when it restarts.
 */
export interface FirmataBoard {
  /** Pins that are high now. */
  high(): number[];
  /** Presses or releases the button: the level of the pull-up pin. */
  setInput(pin: number, level: 0 | 1): void;
  /** Loses all it knew and says its banner, as after its own watchdog. */
  restart(): void;
  /** Whether it answers at all. */
  freeze(isFrozen: boolean): void;
}

export function scriptedBoard(toHost: Writable, fromHost: Readable): FirmataBoard {
  let modes = new Map<number, number>();
  let levels = new Map<number, number>();
  const inputs = new Map<number, 0 | 1>();
  const reporting = new Set<number>();
  let isFrozen = false;
  let octets: number[] = [];

  const say = (...out: number[]) => {
    if (!isFrozen) toHost.write(Buffer.from(out));
  };
  const version = () => say(0xf9, 2, 6);
  const firmware = () => say(0xf0, 0x79, 1, 0, ...[...'panel'].flatMap((c) => [c.charCodeAt(0), 0]), 0xf7);
  function reportPort(port: number): void {
    if (!reporting.has(port)) return;
    let value = 0;
    for (let bit = 0; bit < 8; bit++) {
      const pin = port * 8 + bit;
      if (modes.get(pin) === PULLUP) value |= (inputs.get(pin) ?? 1) << bit;
    }
    say(0x90 | port, value & 127, value >> 7);
  }
  const sysex: Record<number, () => void> = {
    121: firmware,
    107: () => say(0xf0, 0x6c, ...Array.from({ length: PINS }, () => [0, 1, 1, 1, 11, 1, 127]).flat(), 0xf7),
    105: () => say(0xf0, 0x6a, ...Array.from({ length: PINS }, () => 127), 0xf7),
  };
  function setPort(port: number, value: number): void {
    for (let bit = 0; bit < 8; bit++) levels.set(port * 8 + bit, (value >> bit) & 1);
  }
  function report(port: number): void {
    reporting.add(port);
    reportPort(port);
  }
  function obey([command = 0, first = 0, second = 0]: readonly number[]): void {
    if (command === 0xf9) version();
    if (command === 0xf0) sysex[first]?.();
    if (command === 0xf4) modes.set(first, second);
    if (command >> 4 === 0xd) report(command & 15);
    if (command >> 4 === 9) setPort(command & 15, first | (second << 7));
  }
  function isWhole(message: readonly number[]): boolean {
    const command = message[0] ?? 0;
    if (command === 0xf0) return message.at(-1) === 0xf7;
    const length = command === 0xf9 ? 1 : command >> 4 === 0xd ? 2 : 3;
    return command < 0x80 || message.length === length;
  }
  fromHost.on('data', (more: Buffer) => {
    for (const octet of more) {
      octets.push(octet);
      if (!isWhole(octets)) continue;
      obey(octets);
      octets = [];
    }
  });

  return {
    high: () =>
      [...levels].filter(([pin, level]) => level === 1 && modes.get(pin) === OUTPUT).map(([pin]) => pin),
    setInput(pin, level) {
      inputs.set(pin, level);
      reportPort(pin >> 3);
    },
    restart() {
      modes = new Map();
      levels = new Map();
      reporting.clear();
      version();
      firmware();
    },
    freeze(frozen) {
      isFrozen = frozen;
    },
  };
}

/** util-linux's `script` makes the pseudo-terminal; it is on every Debian. */
export const hasPty = spawnSync('script', ['--version']).error === undefined;

export interface Cable extends AsyncDisposable {
  /** The device's path: the same whenever it is plugged in. */
  readonly path: string;
  /** Plugs a board in that has just been powered. */
  plug(): Promise<FirmataBoard>;
  unplug(): Promise<void>;
}

/** A serial line over a real pseudo-terminal. */
export function serialCable(): Cable {
  const folder = mkdtempSync(join(tmpdir(), 'cable-'));
  const path = join(folder, 'ttyPANEL');
  let child: ChildProcess | undefined;

  async function unplug(): Promise<void> {
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    child = undefined;
    await exited;
    unlinkSync(path);
  }
  return {
    path,
    async plug() {
      const name = join(folder, 'name');
      const line = `stty raw -echo; tty > ${name}; echo ready; exec sleep 600`;
      const plugged = spawn('script', ['-qfc', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
      child = plugged;
      plugged.stdin.on('error', () => {});
      await once(plugged.stdout, 'data');
      symlinkSync(readFileSync(name, 'utf8').trim(), path);
      return scriptedBoard(plugged.stdin, plugged.stdout);
    },
    unplug,
    async [Symbol.asyncDispose]() {
      await unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
