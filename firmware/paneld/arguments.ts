import { parseArgs } from 'node:util';
import { PanelKind } from '#contract/environment.ts';

/** What the daemon was started with. */
export interface Arguments {
  readonly socketPath: string;
  readonly box: string;
  /** `screen`, `none`, `kernel` or `board:/dev/...`. */
  readonly panel: string;
  /** The kernel's folder of LEDs, for the kernel panel. */
  readonly ledFolder: string;
}

/** Arguments that cannot be used; the message says which and what was wanted. */
export class ArgumentsRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArgumentsRefused';
  }
}

const USAGE =
  'usage: paneld --socket PATH --box ID --panel screen|none|kernel|board:/dev/... [--leds FOLDER]';

/** @throws ArgumentsRefused */
export function readArguments(argv: readonly string[]): Arguments {
  const { socket, box, panel, leds } = parse(argv);
  if (socket === undefined || box === undefined || panel === undefined) {
    throw new ArgumentsRefused(`wanted --socket, --box and --panel; ${USAGE}`);
  }
  if (socket === '')
    throw new ArgumentsRefused('--socket: wanted the path of the broker’s socket, got nothing');
  if (!/^[a-z0-9-]{1,40}$/.test(box)) {
    throw new ArgumentsRefused(`--box: wanted 1 to 40 of a-z, 0-9 and -, got "${box}"`);
  }
  if (!PanelKind.safeParse(panel).success) {
    throw new ArgumentsRefused(`--panel: wanted screen, none, kernel or board:/dev/..., got "${panel}"`);
  }
  return { socketPath: socket, box, panel, ledFolder: leds };
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = { socket: text, box: text, panel: text, leds: { ...text, default: '/sys/class/leds' } };
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArgumentsRefused(`${reason}; ${USAGE}`, { cause });
  }
}
