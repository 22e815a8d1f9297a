import { PROFILES } from '#contract/profiles.ts';
import { SEARCH_DEFAULTS, type Settings } from '#contract/settings.ts';
import { fingerprintOf } from './change.ts';

/**
 * The fingerprint that versions without safe search gave the document, for as long as each profile has the default
 * that such a document is read with; undefined when it has not, or they could not have written it.
 */
export function earlierFingerprintOf(settings: Settings): string | undefined {
  const asDefault = PROFILES.every((id) => {
    const { safeSearch, youtube } = settings.profiles[id];
    return safeSearch === SEARCH_DEFAULTS[id].safeSearch && youtube === SEARCH_DEFAULTS[id].youtube;
  });
  if (!asDefault) return undefined;
  const profiles = PROFILES.map((id) => {
    const { safeSearch: _, youtube: __, ...earlier } = settings.profiles[id];
    return [id, earlier];
  });
  return fingerprintOf({ ...settings, profiles: Object.fromEntries(profiles) });
}
