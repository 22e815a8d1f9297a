import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Hono } from 'hono';
import { ZodError, type z } from 'zod';
import { compileClients } from '#clients/client-table.ts';
import { canonicalJson } from '#contract/canonical.ts';
import { CheckSubmission } from '#contract/checks.ts';
import { Environment } from '#contract/environment.ts';
import {
  CategoryChange,
  Claim,
  Problem,
  RuleChange,
  SECTIONS,
  SectionChange,
  SignIn,
} from '#contract/http.ts';
import { Triage } from '#contract/incidents.ts';
import { PROFILES } from '#contract/profiles.ts';
import { Settings, SetupFile } from '#contract/settings.ts';
import { compilePolicy } from '#filter/policy.ts';
import { profilesWith, someSettings } from '#support/policy.ts';
import { DSL, MANAGER } from '#support/provider.ts';
import { scriptedAppliance } from '#support/scripted-appliance.ts';
import { composeApi } from '#web/api.ts';
import type { DoorEnv } from '#web/gate.ts';
import { answerError } from '#web/problems.ts';
import { grafted, grafts, jsonText, jsonValue } from './json-values.ts';
import { targetOf } from './target.ts';

const NETWORK = { name: 'Learners', ranges: ['192.0.2.0/24', '2001:db8::/32'], profile: 'learner' };
const LIST = { name: 'A list', category: 'gambling', source: 'file:list.txt', format: 'domains' };
const RULE = { name: 'example.org', why: 'course reading' };
const PROVIDER = { name: 'Example Training' };

const SETTINGS = someSettings({
  networks: [{ ...NETWORK, profile: 'learner' }],
  profiles: profilesWith({ learner: { block: [RULE], allow: [RULE], categories: { social: 'allowed' } } }),
  neverBlock: [RULE],
  lists: [{ ...LIST, id: 'a-list', category: 'gambling', format: 'domains' }],
});

/** A schema, and a value that it accepts. */
const SCHEMAS: readonly (readonly [name: string, schema: z.ZodType, sound: unknown])[] = [
  ['set-up file', SetupFile, setupFile()],
  ['settings', Settings, SETTINGS],
  ['claim', Claim, { code: 'RIGHT-CODE', provider: PROVIDER, people: [MANAGER, DSL] }],
  ['sign-in', SignIn, { email: MANAGER.email, password: MANAGER.password }],
  ['rule', RuleChange, { action: 'allow', ...RULE }],
  ['category', CategoryChange, { state: 'blocked', why: 'a reason' }],
  ['section', SectionChange, { value: [NETWORK], why: 'a reason' }],
  ['check', CheckSubmission, submission()],
  ['incident', Triage, { decision: 'incident', fourC: 'conduct', severity: 2, summary: 'a summary' }],
  ['false positive', Triage, { decision: 'false-positive', why: 'a lesson' }],
  ...Object.entries(SECTIONS).map(
    ([name, schema]) => [`section ${name}`, schema, SETTINGS[name as keyof typeof SECTIONS]] as const,
  ),
];

function setupFile() {
  return {
    provider: PROVIDER,
    people: [MANAGER, DSL],
    networks: [NETWORK],
    lists: [LIST],
    upstreams: ['udp://192.0.2.53:53'],
  };
}

function submission() {
  return {
    run: 'run1',
    attestations: { blockPageShown: 'yes', wrongBlockReported: 'no', signOfBypass: 'no' },
    actions: [{ what: 'look at it', owner: 'The DSL', due: '2030-01-07' }],
    notes: '',
  };
}

/** Accepts or refuses by a ZodError; what is accepted once is accepted again, and is the same then. */
function parseTwice(schema: z.ZodType, value: unknown): unknown {
  let parsed: unknown;
  try {
    parsed = schema.parse(value);
  } catch (error) {
    assert.ok(error instanceof ZodError, `wanted a ZodError, got ${error}`);
    return undefined;
  }
  assert.deepEqual(schema.parse(parsed), parsed);
  // By its canonical form, which is what is hashed: JSON knows no difference between 0 and -0.
  const fromDisk = schema.parse(JSON.parse(JSON.stringify(parsed)));
  assert.equal(canonicalJson(fromDisk), canonicalJson(parsed), 'as it comes back from disk');
  return parsed;
}

const anything = fc.anything({
  withNullPrototype: true,
  withSparseArray: true,
  withDate: true,
  withMap: true,
  withSet: true,
});

/** Every body and file that comes as JSON: good values stay good, all others are refused in the schema's own words. */
export const schemas = targetOf('schemas', () => {
  for (const [name, schema, sound] of SCHEMAS) {
    assert.ok(schema.safeParse(sound).success, `the sound ${name} is refused`);
  }
  return {
    cases: fc.record({
      which: fc.nat(SCHEMAS.length - 1),
      value: fc.oneof(
        { weight: 4, arbitrary: grafts.map((list) => ({ list })) },
        { weight: 1, arbitrary: jsonValue.map((json) => ({ json })) },
        { weight: 1, arbitrary: anything.map((json) => ({ json })) },
      ),
    }),
    check: ({ which, value }) => {
      const [, schema, sound] = SCHEMAS[which] as (typeof SCHEMAS)[number];
      const parsed = parseTwice(schema, 'list' in value ? grafted(sound, value.list) : value.json);
      assert.equal(Object.hasOwn(Object.prototype, 'extra'), false);
      if (parsed === undefined) return;
      if (schema === Settings) compileAll(parsed as Settings);
      if (schema === SetupFile) compileClients((parsed as SetupFile).networks);
    },
  };
});

/** What the schema lets through, the filter can compile. */
function compileAll(settings: Settings): void {
  const policy = compilePolicy(settings, undefined, 1);
  assert.equal(policy.profiles.length, PROFILES.length);
  const table = compileClients(policy.networks);
  assert.equal(table.starts[0], 0n);
  assert.ok(
    table.starts.every((start, i) => i === 0 || start > (table.starts[i - 1] as bigint)),
    'ranges ascend',
  );
}

const variable = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '127.0.0.1:8080',
    '[::1]:53',
    '999.1.1.1:1',
    '127.0.0.1:99999',
    ',',
    'board:/dev/x',
    '64',
    '0',
    '',
  ),
);

/** The environment: texts only, refused by a ZodError. */
export const environment = targetOf('environment', () => ({
  cases: fc.dictionary(fc.constantFrom(...Object.keys(Environment.shape)), variable),
  check: (texts) => {
    const read = Environment.safeParse(texts);
    if (read.success) assert.ok(read.data.GATEHOUSE_DNS.every(({ port }) => port <= 65_535));
    else assert.ok(read.error instanceof ZodError);
  },
}));

const ROUTES = [
  ['POST', '/api/claim', 'claim'],
  ['POST', '/api/session', 'sign-in'],
  ['POST', '/api/profiles/learner/rules', 'rule'],
  ['POST', '/api/profiles/staff/rules/remove', 'rule'],
  ['PUT', '/api/profiles/guest/categories/social', 'category'],
  ['PUT', '/api/settings/check', 'section check'],
  ['PUT', '/api/settings/networks', 'section networks'],
  ['POST', '/api/checks', 'check'],
  ['POST', '/api/alerts/a1/triage', 'incident'],
] as const;

const log = { info: () => {}, warn: () => {}, error: () => {} };

/** Bodies through the real API: an answer of the API or a problem in the form of RFC 9457, and never a fault of ours. */
export const bodies = targetOf('http bodies', () => {
  const appliance = scriptedAppliance();
  const token = appliance.tokenFor('network manager', 'dsl');
  const app = new Hono<DoorEnv>();
  let fault: unknown;
  app.onError((error) => answerError(error, { ...log, error: (found: unknown) => (fault = found) } as never));
  app.route(
    '/',
    composeApi(appliance, () => 0),
  );
  return {
    cases: fc.record({
      route: fc.constantFrom(...ROUTES),
      body: fc.oneof(
        { weight: 4, arbitrary: grafts.map((list) => ({ list })) },
        { weight: 1, arbitrary: jsonText.map((text) => ({ text })) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => ({ text })) },
      ),
    }),
    check: async ({ route: [method, path, name], body }) => {
      const sound = SCHEMAS.find(([known]) => known === name)?.[2];
      const whole = path.startsWith('/api/settings/') ? { value: sound, why: 'a reason' } : sound;
      const text = 'list' in body ? JSON.stringify(grafted(whole, body.list)) : body.text;
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const incoming = { method, headers, socket: { remoteAddress: '127.0.0.1' } };
      const request = new Request(`http://127.0.0.1${path}`, { method, headers, body: text });
      const answer = await app.fetch(request, { incoming } as never);
      assert.ok(answer.status < 500, `status ${answer.status}: ${JSON.stringify(fault)}`);
      if (answer.status >= 400) Problem.parse(await answer.json());
    },
  };
});
