import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentsRefused } from './arguments.ts';
import { driveLeds, LED_NAMES, type LedName } from './leds.ts';
import { DARK_LAMPS, type Lamps, type Panel, UNKNOWN_LAMPS } from './panel.ts';

/** The kernel's name of an LED, as the device tree's `gpio-leds` nodes must give it: `gatehouse:green:filter`. */
export function kernelName(led: LedName): string {
  const [lamp, colour] = led.split(' ');
  return `gatehouse:${colour}:${lamp}`;
}

/**
 * LEDs on the Pi's own header, through the kernel's `gpio-leds` in `ledFolder` (`/sys/class/leds`). It has no
 * button: presses come from a board or the page.
 * @throws ArgumentsRefused when an LED is missing or cannot be written
 */
export function openKernelPanel(options: {
  readonly ledFolder: string;
  readonly monotonicMs: () => number;
  readonly log: (message: string) => void;
}): Panel {
  const fileOf = (led: LedName) => join(options.ledFolder, kernelName(led), 'brightness');
  const missing = LED_NAMES.map(fileOf).find((file) => !existsSync(file));
  if (missing) throw new ArgumentsRefused(`--panel kernel: wanted an LED at ${missing}, found none`);
  takeFromKernel(LED_NAMES.map((led) => join(options.ledFolder, kernelName(led), 'trigger')));
  let isWritable = true;
  let sayLinked = (_isLinked: boolean) => {};

  function write(led: LedName, isOn: boolean): void {
    const was = isWritable;
    isWritable = attempt(fileOf(led), isOn ? '1' : '0');
    if (isWritable === was) return;
    options.log(isWritable ? 'LEDs can be written again' : `LED ${fileOf(led)} cannot be written`);
    sayLinked(isWritable);
  }

  const driver = driveLeds(DARK_LAMPS, write, options.monotonicMs);
  return {
    show(lamps: Lamps) {
      driver.show(lamps);
      return isWritable ? lamps : UNKNOWN_LAMPS;
    },
    isLinked: () => isWritable,
    isDown: () => undefined,
    onEdge: () => {},
    onLink: (listener) => {
      sayLinked = listener;
    },
    close: async () => {
      driver.show(DARK_LAMPS);
      driver.close();
    },
  };
}

/** A trigger of the kernel's own, such as disk activity, would fight with ours. */
function takeFromKernel(triggers: readonly string[]): void {
  for (const trigger of triggers) if (existsSync(trigger)) writeFileSync(trigger, 'none');
}

function attempt(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch {
    // Answered by the caller: the panel is no longer linked.
    return false;
  }
}
