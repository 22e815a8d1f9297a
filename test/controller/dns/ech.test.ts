import { expect, test } from 'vitest';
import { composeName } from '#filter/name-view.ts';
import { aQuery, aRecord, TYPE, words } from '#support/messages.ts';
import { aResolver } from '#support/resolver.ts';
import { type Script, startScripted } from '#support/scripted-upstream.ts';

const SVCB = 64;
type Parameter = readonly [key: number, value: string];
const ALPN: Parameter = [1, '026832'];
const IPV4_HINT: Parameter = [4, 'c0000207'];
const ECH: Parameter = [5, 'fe0d00ffee'];
const IPV6_HINT: Parameter = [6, '20010db8000000000000000000000007'];
const filling: Parameter = [65_534, '0000000000'];

function service(type: number, parameters: readonly Parameter[], target = ''): Buffer {
  const values = parameters.map(([key, value]) =>
    Buffer.concat([words(key, value.length / 2), Buffer.from(value, 'hex')]),
  );
  return aRecord(type, Buffer.concat([words(1), composeName(target), ...values]));
}

/** The parameters behind priority and TargetName, read apart from the product's own reader. */
function parametersOf(data: Buffer): Parameter[] {
  let at = data.indexOf(0, 2) + 1;
  const parameters: Parameter[] = [];
  while (at < data.length) {
    const end = at + 4 + data.readUInt16BE(at + 2);
    parameters.push([data.readUInt16BE(at), data.subarray(at + 4, end).toString('hex')]);
    at = end;
  }
  return parameters;
}

async function answered(script: Script, qtype: number) {
  await using upstream = await startScripted(() => script);
  using door = aResolver({ settings: { upstreams: [upstream.url] } });
  const shape = { qtype, edns: { dnssecOk: true } };
  const first = await door.ask(aQuery('fine.test', shape));
  const kept = await door.ask(aQuery('fine.test', shape));
  expect(kept.records).toEqual(first.records);
  return first;
}

test.each([
  ['in the middle', [ALPN, IPV4_HINT, ECH, IPV6_HINT], [ALPN, IPV4_HINT, IPV6_HINT, filling]],
  ['at the end', [ALPN, ECH], [ALPN, filling]],
  ['alone', [ECH], [filling]],
  ['not there', [ALPN, IPV6_HINT], [ALPN, IPV6_HINT]],
] as const)(
  'ech %s is taken out of HTTPS and SVCB records, and all else stays',
  async (_where, given, left) => {
    for (const type of [TYPE.HTTPS, SVCB]) {
      const answers = [service(type, given), service(type, given, 'other.test')];
      const { records } = await answered({ answers }, type);
      expect(records.map(({ data }) => parametersOf(data))).toEqual([left, left]);
      expect(records[1]?.data.subarray(0, 14)).toEqual(Buffer.concat([words(1), composeName('other.test')]));
    }
  },
);

test('ech is taken out of records that come beside an answer', async () => {
  const script = { answers: [aRecord(TYPE.TXT, Buffer.from('\x02hi'))], additional: [service(SVCB, [ECH])] };
  const { records } = await answered(script, TYPE.TXT);
  expect(parametersOf(records[1]?.data as Buffer)).toEqual([filling]);
});

test('an answer without its ech is no longer called authentic', async () => {
  const say = async (given: readonly Parameter[]) =>
    (await answered({ answers: [service(TYPE.HTTPS, given)], authenticData: true }, TYPE.HTTPS)).flags.ad;
  expect([await say([ALPN]), await say([ECH])]).toEqual([true, false]);
});

test('parameters that are cut short are passed on as they are', async () => {
  const broken = aRecord(
    TYPE.HTTPS,
    Buffer.concat([words(1), composeName(''), words(5, 9), Buffer.from('ech')]),
  );
  const { records } = await answered({ answers: [broken] }, TYPE.HTTPS);
  expect(records[0]?.data.subarray(-3).toString()).toBe('ech');
});
