import type { ChangeView } from '#contract/http.ts';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';

type Changed = Pick<ChangeView, 'what' | 'before' | 'after'>;

/** What was changed, as people say it; the path itself where it has no words. */
export function headlineOf(change: Changed): string {
  const [section = '', profileId = '', part = '', category = ''] = change.what.split('.');
  if (section !== 'profiles') return known(words.changed.sections, section) ?? change.what;
  const profile = known(TERMS.profiles, profileId) ?? profileId;
  if (part === 'allow' || part === 'block') return ruleHeadline(change, part, profile);
  const title = known(TERMS.categories, category);
  return title === undefined ? change.what : words.changed.category(title, profile, wordOf(change.after));
}

function ruleHeadline({ before, after }: Changed, action: 'allow' | 'block', profile: string): string {
  const [old, now] = [namesIn(before), namesIn(after)];
  const added = now.filter((name) => !old.includes(name));
  const removed = old.filter((name) => !now.includes(name));
  const [name] = [...added, ...removed];
  if (name === undefined || added.length + removed.length > 1) return words.changed.rules(action, profile);
  return words.changed.rule(name, action, profile, added.length === 1);
}

/** A value of the settings in one line: rules by their names, the rest as it is. */
export function wordOf(value: ChangeView['before']): string {
  if (value === null || value === undefined) return words.names.nothing;
  if (typeof value === 'string') return known(words.names.states, value)?.toLowerCase() ?? value;
  if (!isRules(value)) return JSON.stringify(value);
  return value.length === 0 ? words.names.nothing : namesIn(value).join(', ');
}

function namesIn(value: ChangeView['before']): string[] {
  return isRules(value) ? value.map(({ name }) => name) : [];
}

/** Rules hold a name and its reason, and nothing else. */
function isRules(value: ChangeView['before']): value is { name: string; why: string }[] {
  const isRule = (one: unknown) =>
    typeof one === 'object' && one !== null && Object.keys(one).sort().join() === 'name,why';
  return Array.isArray(value) && value.every(isRule);
}

function known(terms: Readonly<Record<string, string>>, id: string): string | undefined {
  return Object.hasOwn(terms, id) ? terms[id] : undefined;
}
