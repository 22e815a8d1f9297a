import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

/** The parts of firmata-io 2.3 and johnny-five 2.1 that are used here: neither brings types, nor named exports. */
export interface FirmataIo extends EventEmitter {
  readonly pins: { readonly mode: number | undefined }[];
  readonly MODES: { readonly PULLUP: number };
  readonly reportVersionTimeoutId: NodeJS.Timeout;
  pinMode(pin: number, mode: number): void;
  writeDigitalPort(port: number): void;
  reportDigitalPin(pin: number, value: 0 | 1): void;
}

export interface FiveBoard extends EventEmitter {
  pinMode(pin: number, mode: number): void;
  digitalRead(pin: number, onLevel: (level: number) => void): void;
}

export interface FivePin {
  high(): void;
  low(): void;
}

const require = createRequire(import.meta.url);

export const { Firmata } = require('firmata-io') as {
  readonly Firmata: new (
    transport: EventEmitter,
    options: { readonly reportVersionTimeout: number },
  ) => FirmataIo;
};

export const five = require('johnny-five') as {
  readonly Board: new (options: {
    readonly io: FirmataIo;
    /** With a REPL it reads stdin, and ends the process where stdin is at its end, as under systemd. */
    readonly repl: false;
    readonly debug: false;
    readonly sigint: false;
  }) => FiveBoard;
  readonly Pin: new (options: {
    readonly pin: number;
    readonly board: FiveBoard;
    readonly type: 'digital';
  }) => FivePin;
};
