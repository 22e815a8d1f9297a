import type { YoutubeRestriction } from '#contract/settings.ts';

/**
 * Names that search engines give for searching without explicit results: a rewritten name is answered with a CNAME to
 * one of them. A target's number is its place here, counted from 1; numbers stand in verdicts.
 */
export const SAFE_SEARCH_TARGETS = [
  'forcesafesearch.google.com',
  'strict.bing.com',
  'safe.duckduckgo.com',
  'strict-safe-search.ecosia.org',
  'forcesafe.search.brave.com',
  'safesearch.pixabay.com',
  'familysearch.yandex.ru',
  'restrict.youtube.com',
  'restrictmoderate.youtube.com',
] as const;
type Target = (typeof SAFE_SEARCH_TARGETS)[number];

/** Rules of the overlay that are no target's number: YouTube's target depends on the profile; the other has none. */
export const RULE_YOUTUBE = 30;
export const RULE_WITHOUT_SAFE_SEARCH = 31;

/** The number of the target of YouTube's names; 0 for none. */
export const YOUTUBE_TARGETS: Readonly<Record<YoutubeRestriction, number>> = {
  off: 0,
  moderate: numberOf('restrictmoderate.youtube.com'),
  strict: numberOf('restrict.youtube.com'),
};

function numberOf(target: Target): number {
  return SAFE_SEARCH_TARGETS.indexOf(target) + 1;
}

/** Every domain on which Google offers its search, by what stands before the country. */
const GOOGLE_COUNTRIES: readonly (readonly [prefix: string, countries: string])[] = [
  [
    '',
    'ac ad ae al am as at az ba be bf bg bi bj bs bt by ca cat cc cd cf cg ch ci cl cm cn co com cv cz de dj dk dm dz ' +
      'ee es fi fm fr ga ge gf gg gl gm gp gr gy hn hr ht hu ie im io iq is it je jo kg ki kz la li lk lt lu lv md me ' +
      'mg mk ml mn ms mu mv mw ne nl no nr nu pl pn ps pt ro rs ru rw sc se sh si sk sm sn so sr st td tg tk tl tm tn ' +
      'to tt vg vu ws',
  ],
  ['co.', 'ao bw ck cr id il in jp ke kr ls ma mz nz th tz ug uk uz ve vi za zm zw'],
  [
    'com.',
    'af ag ai ar au bd bh bn bo br bz co cu cy do ec eg et fj gh gi gt hk jm kh kw lb lc ly mm mt mx my na nf ng ni np ' +
      'om pa pe pg ph pk pr py qa sa sb sg sl sv tj tr tw ua uy vc vn',
  ],
];

const YANDEX =
  'ya.ru yandex.az yandex.by yandex.co.il yandex.com yandex.com.am yandex.com.ge yandex.com.tr yandex.ee yandex.eu ' +
  'yandex.fi yandex.fr yandex.kz yandex.lt yandex.lv yandex.md yandex.pl yandex.ru yandex.tj yandex.tm yandex.ua ' +
  'yandex.uz xn--d1acpjx3f.xn--p1ai';

const SEARCHES: readonly (readonly [target: Target, names: readonly string[]])[] = [
  [
    'forcesafesearch.google.com',
    GOOGLE_COUNTRIES.flatMap(([prefix, countries]) =>
      countries.split(' ').map((country) => `www.google.${prefix}${country}`),
    ),
  ],
  ['strict.bing.com', ['www.bing.com', 'bing.com', 'edgeservices.bing.com']],
  // Not external-content.duckduckgo.com, which serves the pictures of the safe results too.
  ['safe.duckduckgo.com', ['duckduckgo.com', 'www.duckduckgo.com', 'start.duckduckgo.com', 'duck.com']],
  ['strict-safe-search.ecosia.org', ['www.ecosia.org']],
  ['forcesafe.search.brave.com', ['search.brave.com']],
  ['safesearch.pixabay.com', ['pixabay.com']],
  ['familysearch.yandex.ru', YANDEX.split(' ').flatMap((name) => [name, `www.${name}`])],
];

/** No others: rewriting youtube.com itself or googleapis.com would break what is not a search. */
const YOUTUBE = [
  'www.youtube.com',
  'm.youtube.com',
  'youtubei.googleapis.com',
  'youtube.googleapis.com',
  'www.youtube-nocookie.com',
];

/** Rules for exactly these names: targets, and those below a rewritten name, are names of their own. */
export const SAFE_SEARCH_NAMES: ReadonlyMap<string, number> = new Map<string, number>([
  ...SEARCHES.flatMap(([target, names]) => names.map((name): [string, number] => [name, numberOf(target)])),
  ...YOUTUBE.map((name): [string, number] => [name, RULE_YOUTUBE]),
]);

/** Search engines without such a target: they and all names below them are blocked where safe search is on. */
export const WITHOUT_SAFE_SEARCH: readonly string[] = [
  ...[
    'search.yahoo.com',
    'search.yahoo.co.jp',
    'startpage.com',
    'ixquick.com',
    'search.aol.com',
    'search.aol.co.uk',
  ],
  ...[
    'www.ask.com',
    'uk.ask.com',
    'www.dogpile.com',
    'www.webcrawler.com',
    'www.excite.com',
    'search.lycos.com',
  ],
  ...['www.baidu.com', 'image.baidu.com', 'm.baidu.com', 'www.sogou.com', 'www.so.com', 'search.naver.com'],
  ...['go.mail.ru', 'www.qwant.com', 'lite.qwant.com', 'www.mojeek.com', 'metager.org', 'gibiru.com'],
  ...['presearch.com', 'yep.com', 'searx.be', 'searx.space', 'search.seznam.cz', 'kagi.com'],
];
