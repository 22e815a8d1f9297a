import type { z } from 'zod';
import type { ProfileId } from '#contract/profiles.ts';
import {
  type ListRequest,
  type ListSetting,
  type OwnRule,
  type ProfileSettings,
  SEARCH_DEFAULTS,
  type Settings,
  type SetupFile,
} from '#contract/settings.ts';

/**
 * Names that no list may take from people, parents of all below them. Open lists do block some of these: a
 * helpline for drugs stands in a list about drugs.
 */
const NEVER_BLOCK: readonly (readonly [why: string, names: string])[] = [
  ['Public services', 'gov.uk gov.scot gov.wales parliament.uk nidirect.gov.uk'],
  ['Health services', 'nhs.uk nhs.scot nhs.wales hscni.net'],
  ['Police and courts', 'police.uk judiciary.uk'],
  ['Universities, colleges and schools', 'ac.uk sch.uk'],
  [
    'Help for children and young people',
    'childline.org.uk nspcc.org.uk themix.org.uk kooth.com youngminds.org.uk',
  ],
  ['Help in a crisis', 'samaritans.org giveusashout.org papyrus-uk.org mind.org.uk rethink.org'],
  ['Help with self-harm and eating', 'selfharm.co.uk harmless.org.uk beateatingdisorders.org.uk'],
  ['Help with drugs and alcohol', 'talktofrank.com wearewithyou.org.uk drinkaware.co.uk changegrowlive.org'],
  ['Help with gambling', 'gamcare.org.uk begambleaware.org gamstop.co.uk gamblersanonymous.org.uk'],
  [
    'Help with abuse at home',
    'womensaid.org.uk refuge.org.uk nationaldahelpline.org.uk mensadviceline.org.uk',
  ],
  ['Help after sexual violence', 'rapecrisis.org.uk thesurvivorstrust.org brook.org.uk'],
  ['Help for LGBT+ people', 'switchboard.lgbt mermaidsuk.org.uk stonewall.org.uk'],
  [
    'Reporting harm online',
    'iwf.org.uk ceop.police.uk reportharmfulcontent.com report-it.org.uk stopncii.org',
  ],
  [
    'Safeguarding and online safety',
    'saferinternet.org.uk internetmatters.org swgfl.org.uk lucyfaithfull.org.uk',
  ],
  ['Advice on money, work and rights', 'citizensadvice.org.uk acas.org.uk stepchange.org'],
];

function neverBlock(): OwnRule[] {
  return NEVER_BLOCK.flatMap(([why, names]) => names.split(' ').map((name) => ({ name, why })));
}

/** The policy of a box that nobody has decided anything on: the categories' own defaults, and no networks or lists. */
export function defaultSettings(providerName: string): Settings {
  const profile = (id: ProfileId): ProfileSettings => ({
    ...{ categories: {}, block: [], allow: [], blockedAnswer: 'page' },
    ...SEARCH_DEFAULTS[id],
  });
  return {
    provider: { name: providerName },
    networks: [],
    profiles: { learner: profile('learner'), guest: profile('guest'), staff: profile('staff') },
    neverBlock: neverBlock(),
    lists: [],
    upstreams: ['udp://9.9.9.9:53', 'udp://1.1.1.3:53'],
    check: { controls: ['www.gov.uk', 'www.nhs.uk', 'example.org'], dueWeekday: 5 },
    override: {
      unplanned: false,
      minutes: 15,
      categories: ['social', 'chat', 'games', 'ai', 'file-hosting', 'webmail'],
      profile: 'learner',
    },
  };
}

/** The policy of a set-up file: its own part over the defaults. */
export function settingsOf(setup: Omit<SetupFile, 'people'>): Settings {
  return {
    ...defaultSettings(setup.provider.name),
    networks: setup.networks,
    lists: withIds(setup.lists),
    upstreams: setup.upstreams,
  };
}

/** Gives each list an id made from its name; lists whose names make the same id are numbered. */
export function withIds(lists: readonly z.infer<typeof ListRequest>[]): ListSetting[] {
  const taken = new Set<string>();
  return lists.map((list) => {
    const base = idOf(list.name);
    let id = base;
    for (let n = 2; taken.has(id); n += 1) id = `${base}-${n}`;
    taken.add(id);
    return { ...list, id };
  });
}

function idOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.replaceAll(/^-|-$/g, '').slice(0, 70) || 'list';
}
