import { readFileSync } from 'node:fs';
import { SetupFile } from '#contract/settings.ts';
import { ConfigurationUnusable } from './configuration-unusable.ts';

/**
 * Reads a set-up file, whole or not at all.
 * @throws ConfigurationUnusable naming the file and each field that is wrong
 */
export function readSetupFile(path: string): SetupFile {
  const parsed = SetupFile.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`,
  );
  throw new ConfigurationUnusable(`GATEHOUSE_SETUP: ${path} cannot be used:\n${faults.join('\n')}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationUnusable(`GATEHOUSE_SETUP: ${path} cannot be read: ${why}`, cause);
  }
}
