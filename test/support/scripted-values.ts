import { CATEGORIES, CATEGORY_IDS, isLocked } from '#contract/categories.ts';
import { Alert } from '#contract/incidents.ts';
import { LAMPS } from '#contract/lamps.ts';
import { PROFILES } from '#contract/profiles.ts';
import { Settings } from '#contract/settings.ts';
import { Status } from '#contract/status.ts';

/** The one moment at which everything of the scripted appliance happens. */
export const SCRIPTED_AT = '2030-01-07T09:00:00.000Z';

/** An open alert. */
export function anAlert(id: string): Alert {
  return Alert.parse({
    id,
    device: '192.0.2.7',
    profile: 'learner',
    category: 'gambling',
    firstAt: SCRIPTED_AT,
    lastAt: SCRIPTED_AT,
    attempts: 4,
    names: ['casino.test'],
    state: 'open',
  });
}

/** A status in which all is well. */
export function aStatus(): Status {
  const ok = { level: 'ok', reason: 'all is well' };
  return Status.parse({
    version: '9.9.9',
    startedAt: SCRIPTED_AT,
    filter: ok,
    upstream: ok,
    check: ok,
    override: ok,
    lamps: Object.fromEntries(LAMPS.map((lamp) => [lamp, { colour: 'green', rhythm: 'steady' }])),
    index: { names: 3, lists: 1, builtAt: SCRIPTED_AT },
  });
}

/** The category table of a settings view. */
export function categoryRows() {
  return CATEGORY_IDS.map((id) => ({
    id,
    title: CATEGORIES[id].title,
    state: Object.fromEntries(
      PROFILES.map((profile) => [profile, isLocked(id, profile) ? 'locked' : 'blocked']),
    ),
  }));
}

/** A small policy, parsed as the real one. */
export function someSettings(): Settings {
  const profile = { categories: {}, block: [], allow: [], blockedAnswer: 'page' };
  return Settings.parse({
    provider: { name: 'Example Training' },
    networks: [{ name: 'Learners', ranges: ['192.0.2.0/24'], profile: 'learner' }],
    profiles: { learner: profile, guest: profile, staff: profile },
    neverBlock: [],
    lists: [{ id: 'g', name: 'G', category: 'gambling', source: 'file:g.txt', format: 'domains' }],
    upstreams: ['udp://192.0.2.53:53'],
    check: { controls: ['example.org'], dueWeekday: 5 },
    override: { unplanned: true, minutes: 15, categories: ['social'], profile: 'learner' },
  });
}
