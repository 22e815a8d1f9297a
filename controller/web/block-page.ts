import { CATEGORIES } from '#contract/categories.ts';
import type { Appliance } from './appliance.ts';

/** What the block page says. `host` may be hostile text. */
export interface Blocked extends ReturnType<Appliance['blockReason']> {
  readonly host: string;
}

const PROFILE_TITLES = { learner: 'learners', guest: 'guests', staff: 'staff' } as const;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes any text safe between tags and in quoted attributes. Control characters become spaces. */
export function escapeHtml(text: string): string {
  return [...text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')]
    .map((character) => (character < ' ' || character === '\u007f' ? ' ' : character))
    .join('');
}

/**
 * Composes the block page: no script, nothing from elsewhere, under 20 kB, and it prints.
 * Whoever reads it is told what happened and what to do; never that they did wrong.
 */
export function composeBlockPage(blocked: Blocked, nonce: string): string {
  const { host, category, profile } = blocked;
  const name = host === '' ? 'This address' : escapeHtml(host);
  const provider = escapeHtml(blocked.provider);
  const why = category === undefined ? undefined : escapeHtml(CATEGORIES[category].title);
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Blocked here: ${name}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
${category === 'self-harm' ? HELP_FIRST : ''}<p class="badge">Blocked on this network</p>
<h1><bdi>${name}</bdi></h1>
<p class="lead">${provider} does not open this name for ${PROFILE_TITLES[profile]} on this network.</p>
<dl>
<div><dt>What</dt><dd><bdi>${name}</bdi></dd></div>
<div><dt>Why</dt><dd>${why === undefined ? 'No category is given: it is on the provider’s own list, or it leads to this box by mistake.' : `It is filed under <strong>${why}</strong>.`}</dd></div>
<div><dt>For whom</dt><dd>Devices in the ${escapeHtml(profile)} profile</dd></div>
<div><dt>Decided by</dt><dd>${provider}</dd></div>
</dl>
<section aria-labelledby="next">
<h2 id="next">What you can do</h2>
<ul>
<li><strong>If you need it for your work or your course</strong>, tell a member of staff. They can have it looked at.</li>
<li><strong>If you think this is a mistake</strong>, tell a member of staff the name above. Lists of names do get things wrong.</li>
<li><strong>If you did not ask for it</strong>, you can close this page. Pages and apps often ask for names by themselves.</li>
<li><strong>If something you saw worries you</strong>, talk to a member of staff or to the safeguarding lead.</li>
</ul>
</section>
<p class="foot">Gatehouse filters names for every device on this network. Seeing this page does not mean that anybody has done anything wrong.</p>
</main>
</body>
</html>
`;
}

const HELP_FIRST = `<section class="help" aria-labelledby="help">
<h2 id="help">You can talk to somebody now</h2>
<p>If things feel too much, you do not have to manage alone. These lines are free and private, day and night.</p>
<ul>
<li><strong>Samaritans</strong>, for everyone: call <a href="tel:116123">116 123</a></li>
<li><strong>Childline</strong>, for anyone under 19: call <a href="tel:08001111">0800 1111</a></li>
<li><strong>In danger right now?</strong> Call <a href="tel:999">999</a></li>
</ul>
<p>Here, a member of staff you trust or the safeguarding lead will listen too.</p>
</section>
`;

const STYLE = `
:root{color-scheme:light dark;--paper:#f6f5f1;--card:#fff;--ink:#1d2430;--soft:#525c6b;--line:#d9d7cf;--mark:#8a3b12;--help:#e8f3ee;--helpline:#1c6b4a}
@media (prefers-color-scheme:dark){:root{--paper:#14181f;--card:#1d232c;--ink:#eceef2;--soft:#aeb7c4;--line:#37404d;--mark:#f0a878;--help:#16302a;--helpline:#74d0a6}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:40rem;margin:clamp(0px,6vh,4rem) auto;padding:clamp(1.25rem,5vw,2.5rem);background:var(--card);border:1px solid var(--line);border-radius:14px}
.badge{margin:0;color:var(--mark);font-weight:650}
h1{margin:.25rem 0 .75rem;font-size:clamp(1.45rem,5.5vw,2rem);line-height:1.2;overflow-wrap:anywhere}
h2{margin:1.75rem 0 .5rem;font-size:1.15rem}
.lead{margin:0 0 1.25rem;font-size:1.125rem}
dl{margin:0;border-top:1px solid var(--line)}
dl div{display:grid;grid-template-columns:7.5rem 1fr;gap:.75rem;padding:.6rem 0;border-bottom:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
ul{margin:0;padding-left:1.2rem}li{margin:.45rem 0}
a{color:inherit;font-weight:650}
.help{margin:0 0 2rem;padding:1.1rem 1.25rem;background:var(--help);border-left:5px solid var(--helpline);border-radius:8px}
.help h2{margin-top:0;font-size:1.35rem}.help p{margin:.5rem 0}.help a{font-size:1.15em;white-space:nowrap}
.foot{margin:1.75rem 0 0;color:var(--soft);font-size:.9375rem}
@media (max-width:30rem){main{margin:0;border:0;border-radius:0;min-height:100vh}dl div{grid-template-columns:1fr;gap:0}}
@media print{body,main,.help{background:#fff;color:#000}main{border:0;margin:0;max-width:none;padding:0}.foot,dt,.badge{color:#333}}
`;
