import type { ListReport } from '#blocklists/refresher.ts';
import type { NewEntry } from '#contract/ledger.ts';

/** What an update of a list came to, as the ledger keeps it. */
export function listEntry(report: ListReport): NewEntry {
  const { kind, id, name, category, names, namesBefore, notUnderstood, warnings, sha256, trouble } = report;
  return {
    kind: kind === 'updated' ? 'list.updated' : 'list.refused',
    by: 'box',
    body: { id, name, category, names, namesBefore, notUnderstood, warnings, sha256, trouble },
  };
}
