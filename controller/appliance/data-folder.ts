import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationUnusable } from './configuration-unusable.ts';

/** Where everything that has to outlive the program is kept. */
export interface DataFolder {
  readonly path: string;
  readonly settings: string;
  readonly people: string;
  readonly busToken: string;
  readonly panelSocket: string;
}

/**
 * Makes the folder, for this user alone, and finds out now whether it can be written.
 * @throws ConfigurationUnusable naming the folder
 */
export function openDataFolder(path: string): DataFolder {
  try {
    mkdirSync(join(path, 'run'), { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const trial = join(path, 'run', 'trial');
    writeFileSync(trial, 'written', { mode: 0o600 });
    rmSync(trial);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationUnusable(
      `GATEHOUSE_DATA: the data folder ${path} cannot be written: ${why}`,
      cause,
    );
  }
  return {
    path,
    settings: join(path, 'settings.json'),
    people: join(path, 'people.json'),
    busToken: join(path, 'run', 'mqtt.token'),
    panelSocket: join(path, 'run', 'panel.sock'),
  };
}
