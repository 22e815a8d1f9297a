import { describe, expect, test } from 'vitest';
import { CATEGORY_IDS } from '#contract/categories.ts';
import { composeBlockPage, escapeHtml } from '#web/block-page.ts';
import { isSameOrigin, placeHost } from '#web/hosts.ts';
import { aDoor, ask, buildPages } from './a-door.ts';

describe('the Host header', () => {
  test.each([
    ['localhost', 'own'],
    ['LOCALHOST.:8080', 'own'],
    ['127.0.0.1:8080', 'own'],
    ['192.0.2.1', 'own'],
    ['[::1]:8080', 'own'],
    ['[2001:db8::1]', 'own'],
    ['gatehouse.home.arpa', 'own'],
    ['gatehouse.local:80', 'own'],
    ['n0nce.check.gatehouse.home.arpa:8080', 'check'],
    ['casino.test', 'foreign'],
    ['127.0.0.1.evil.test', 'foreign'],
    ['localhost.evil.test', 'foreign'],
    ['evil-gatehouse.local', 'foreign'],
    ['evilcheck.gatehouse.home.arpa', 'foreign'],
    ['evil@localhost', 'foreign'],
    ['localhost:8080:8080', 'foreign'],
    ['localhost:', 'foreign'],
    ['[::g]', 'foreign'],
    ['0x7f000001', 'foreign'],
    ['', 'foreign'],
    [undefined, 'foreign'],
  ])('%s is %s', (header, kind) => {
    expect(placeHost(header).kind).toBe(kind);
  });

  test('is compared with the origin whole, default ports included', () => {
    expect(isSameOrigin('http://gatehouse.local', 'gatehouse.local:80')).toBe(true);
    expect(isSameOrigin('http://gatehouse.local:8080', 'gatehouse.local')).toBe(false);
    expect(isSameOrigin('http://[::1]:8080', '[::1]:8080')).toBe(true);
    expect(isSameOrigin('ftp://localhost', 'localhost')).toBe(false);
  });

  test('of another site reaches nothing but the block page', async () => {
    await using door = await aDoor();
    buildPages(door.uiFolder);
    for (const path of ['/', '/api/status', '/assets/app-1.js', '/mqtt', '/blocked?name=x']) {
      const answer = await ask(door.door.port, path, { headers: { host: 'casino.test' } });
      expect(answer.status, path).toBe(403);
      expect(answer.text, path).toContain('It is filed under <strong>Gambling</strong>');
    }
    const headers = { host: 'casino.test', 'content-type': 'application/json' };
    const posted = await ask(door.door.port, '/api/checks/runs', { method: 'POST', headers, body: '{}' });
    expect([posted.status, posted.headers['content-type']]).toEqual([403, 'application/problem+json']);
    const head = await ask(door.door.port, '/', { method: 'HEAD', headers });
    expect([head.status, head.text]).toEqual([403, '']);
  });

  test('of the check zone answers GET / with nothing, and no more', async () => {
    await using door = await aDoor();
    const headers = { host: 'abc.check.gatehouse.home.arpa', origin: 'http://gatehouse.home.arpa' };
    const answer = await ask(door.door.port, '/?1', { headers });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect((await ask(door.door.port, '/api/status', { headers })).status).toBe(404);
    expect((await ask(door.door.port, '/', { headers, method: 'POST' })).status).toBe(404);
  });
});

describe('the block page', () => {
  const blocked = {
    host: 'casino.test',
    profile: 'learner',
    category: 'gambling',
    provider: 'Example',
  } as const;

  test('has no script, nothing from elsewhere, and a style that its policy allows', async () => {
    await using door = await aDoor();
    const answer = await ask(door.door.port, '/', { headers: { host: 'casino.test' } });
    const policy = String(answer.headers['content-security-policy']);
    const nonce = /style-src 'nonce-([^']+)'/.exec(policy)?.[1];
    expect(answer.text).toContain(`<style nonce="${nonce}">`);
    expect(policy).toMatch(/^default-src 'none'/);
    expect(answer.text).not.toMatch(/<script|<link|<img|src=|@import|url\(|style="|https?:|\son\w+=/i);
    expect(answer.text).toContain('Example &lt;Training&gt; &amp; Sons');
    expect(answer.text).toContain('tell a member of staff');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test.each(CATEGORY_IDS)('is under 20 kB and never blames: %s', (category) => {
    const page = composeBlockPage({ ...blocked, category, host: `${'x'.repeat(249)}.org` }, 'n');
    expect(Buffer.byteLength(page)).toBeLessThan(20_000);
    expect(page).not.toMatch(
      /you tried|attempted|violation|prohibited|monitor|reported you|warning|forbidden/i,
    );
  });

  test('for self-harm shows help before anything else', () => {
    const page = composeBlockPage({ ...blocked, category: 'self-harm', host: 'harm.test' }, 'n');
    const body = page.slice(page.indexOf('<body>'));
    const help = body.indexOf('<a href="tel:116123">116 123</a>');
    expect(help).toBeGreaterThan(0);
    expect(body.indexOf('<a href="tel:08001111">0800 1111</a>')).toBeGreaterThan(help);
    expect(body.indexOf('harm.test')).toBeGreaterThan(body.indexOf('0800 1111'));
    expect(composeBlockPage(blocked, 'n')).not.toContain('116 123');
  });

  test.each([
    '"><script>alert(1)</script>',
    "x' onload='alert(1)",
    '<img src=x>',
    '</title><svg/onload=1>',
    '&lt;\u0000',
  ])('shows the hostile host %s as text', async (host) => {
    expect(escapeHtml(host)).not.toMatch(/[<>"']|\p{Cc}/u);
    await using door = await aDoor();
    const answer = await ask(door.door.port, '/', { headers: { host: host.replace('\u0000', '') } });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toMatch(/<script|<img|<svg/);
    const preview = await ask(door.door.port, `/blocked?name=${encodeURIComponent(host)}`);
    expect(preview.status).toBe(200);
    expect(preview.text).not.toMatch(/<script|<img|<svg/);
  });

  test('of a name on nobody’s list says that it is the provider’s own', () => {
    expect(composeBlockPage({ ...blocked, category: undefined }, 'n')).toContain(
      'on the provider’s own list',
    );
  });
});

describe('the page shell', () => {
  test('gets a new nonce each time, in the page and in the policy', async () => {
    await using door = await aDoor();
    buildPages(door.uiFolder);
    const nonces = new Set<string>();
    for (const path of ['/', '/checks', '/names/example.org', '/index.html']) {
      const answer = await ask(door.door.port, path);
      const policy = String(answer.headers['content-security-policy']);
      const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(answer.text.split(`nonce="${nonce}"`)).toHaveLength(3);
      expect(policy).toContain(
        `connect-src 'self' ws://localhost:${door.door.port}`.replace('localhost', '127.0.0.1'),
      );
      expect(policy).not.toMatch(/unsafe|\*|http:/);
      expect(policy).toContain("frame-ancestors 'none'");
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(4);
  });

  test('comes with strict headers, and without HSTS', async () => {
    await using door = await aDoor();
    const { headers } = await ask(door.door.port, '/');
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-frame-options']).toBe('DENY');
  });

  test('lets only the check page ask other names', async () => {
    await using door = await aDoor();
    buildPages(door.uiFolder);
    const policyOf = async (path: string) =>
      String((await ask(door.door.port, path)).headers['content-security-policy']);
    expect(await policyOf('/check')).toMatch(/connect-src [^;]* http: https:;/);
    expect(await policyOf('/checks')).not.toMatch(/http: https:/);
  });

  test('that is not built says so, and the API goes on', async () => {
    await using door = await aDoor();
    const answer = await ask(door.door.port, '/');
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('its pages are not built');
    expect((await ask(door.door.port, '/api/status')).status).toBe(200);
    buildPages(door.uiFolder);
    expect((await ask(door.door.port, '/')).status).toBe(200);
  });
});

describe('assets', () => {
  test('are kept for ever, and a missing one is a 404 that is not', async () => {
    await using door = await aDoor();
    buildPages(door.uiFolder);
    const asset = await ask(door.door.port, '/assets/app-1.js');
    expect([asset.status, asset.text]).toEqual([200, 'console.info("hello")']);
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-type']).toMatch(/javascript/);
    const missing = await ask(door.door.port, '/assets/app-2.js');
    expect([missing.status, missing.headers['cache-control']]).toEqual([404, 'no-store']);
  });

  test.each([
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..\\..\\secret.txt',
    '/assets/%5c..%5c..%5csecret.txt',
    '/assets//../../secret.txt',
    '/assets/%00/../secret.txt',
    '/..%2fsecret.txt',
    '/secret.txt',
    '//etc/passwd',
  ])('do not lead out of their folder: %s', async (path) => {
    await using door = await aDoor();
    buildPages(door.uiFolder);
    const answer = await ask(door.door.port, path);
    expect(answer.text).not.toMatch(/not for the web|root:/);
    expect(answer.status).toBeLessThan(500);
  });
});
