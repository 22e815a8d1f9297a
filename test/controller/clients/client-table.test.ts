import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileClients } from '#clients/client-table.ts';
import { addressNumber, profileNumberAt } from '#contract/clients.ts';
import { PROFILES, type ProfileId } from '#contract/profiles.ts';
import type { Network } from '#contract/settings.ts';

function networks(...rows: readonly [range: string, profile: ProfileId][]): Network[] {
  return rows.map(([range, profile]) => ({ name: range, ranges: [range], profile }));
}

function profileOf(address: string, rows: readonly Network[]): ProfileId | 'refused' {
  const number = profileNumberAt(compileClients(rows), addressNumber(address) as bigint);
  return PROFILES[number] ?? 'refused';
}

test.each([
  ['192.0.2.1', 'staff'],
  ['192.0.2.127', 'staff'],
  ['192.0.2.128', 'guest'],
  ['192.0.2.130', 'learner'],
  ['192.0.2.131', 'guest'],
  ['192.0.2.255', 'guest'],
  ['192.0.3.0', 'refused'],
  ['192.0.1.255', 'refused'],
])('the most specific range decides for %s: %s', (address, profile) => {
  const rows = networks(
    ['192.0.2.0/24', 'staff'],
    ['192.0.2.128/25', 'guest'],
    ['192.0.2.130/32', 'learner'],
  );
  expect(profileOf(address, rows)).toBe(profile);
});

test('two ranges of loopback divide it, and what stands between ranges is served by the strictest profile', () => {
  const rows = networks(['127.0.0.0/9', 'guest'], ['127.128.0.0/9', 'staff']);
  expect(profileOf('127.0.0.1', rows)).toBe('guest');
  expect(profileOf('127.128.0.1', rows)).toBe('staff');
  expect(profileOf('10.1.2.3', rows)).toBe('learner');
});

test.each([
  '127.0.0.1',
  '::1',
  '10.0.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.1.1',
  'fd00::1',
  'fe80::1%eth0',
])(
  'an address of a private network is served by the strictest profile though nobody named it: %s',
  (address) => {
    expect(profileOf(address, [])).toBe(PROFILES[0]);
  },
);

test.each(['198.51.100.1', '172.32.0.0', '2001:db8::1', '0.0.0.0', '::', '255.255.255.255', 'ff02::1'])(
  'an address of the open network is not served: %s',
  (address) => {
    expect(profileOf(address, networks(['192.0.2.0/24', 'staff']))).toBe('refused');
  },
);

test('an IPv4 address inside IPv6 is placed as the IPv4 address', () => {
  expect(profileOf('::ffff:192.0.2.7', networks(['192.0.2.0/24', 'staff']))).toBe('staff');
});

test('a range of IPv6 decides for its addresses', () => {
  const rows = networks(['2001:db8::/32', 'guest'], ['2001:db8:5::/48', 'staff']);
  expect(profileOf('2001:db8::1', rows)).toBe('guest');
  expect(profileOf('2001:DB8:5::9', rows)).toBe('staff');
});

test('of two equal ranges the stricter profile decides, in whatever order they stand', () => {
  const rows = networks(['192.0.2.0/24', 'staff'], ['192.0.2.0/24', 'guest']);
  expect(profileOf('192.0.2.1', rows)).toBe('guest');
  expect(profileOf('192.0.2.1', rows.toReversed())).toBe('guest');
});

test('a range that equals one served anyway is decided by the provider', () => {
  expect(profileOf('10.9.9.9', networks(['10.0.0.0/8', 'staff']))).toBe('staff');
  expect(profileOf('::1', networks(['::1/128', 'staff']))).toBe('staff');
});

test('a range written with host bits is the range', () => {
  expect(profileOf('192.0.2.9', networks(['192.0.2.77/24', 'staff']))).toBe('staff');
});

test('the whole address space can be served', () => {
  const rows = networks(['0.0.0.0/0', 'guest'], ['::/0', 'guest']);
  expect(profileOf('198.51.100.1', rows)).toBe('guest');
  expect(profileOf('255.255.255.255', rows)).toBe('guest');
  expect(profileOf('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', rows)).toBe('guest');
});

test('for any ranges and address the answer is that of the narrowest range which holds it', () => {
  const range = fc.record({
    address: fc.nat(0xffff).map((host) => 0xc6336400 + (host & 0xff)),
    bits: fc.integer({ min: 24, max: 32 }),
    profile: fc.constantFrom(...PROFILES),
  });
  const text = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), fc.nat(255), (ranges, host) => {
      const address = 0xc6336400 + host;
      const holding = ranges.filter(
        ({ address: start, bits }) => start >>> (32 - bits) === address >>> (32 - bits),
      );
      const bits = Math.max(-1, ...holding.map((row) => row.bits));
      const places = holding.filter((row) => row.bits === bits).map((row) => PROFILES.indexOf(row.profile));
      const wanted = bits < 0 ? 'refused' : PROFILES[Math.min(...places)];
      const rows = ranges.map((row) => [`${text(row.address)}/${row.bits}`, row.profile] as const);
      expect(
        profileOf(
          text(address),
          networks(...rows.map(([cidr, profile]) => [cidr, profile] as [string, ProfileId])),
        ),
      ).toBe(wanted);
    }),
  );
});

test.each(['', 'example.org', '300.1.1.1', '1.2.3', '::g'])(
  'what is no address has no number: "%s"',
  (text) => {
    expect(addressNumber(text)).toBeUndefined();
  },
);
