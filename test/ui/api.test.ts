import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NoAnswerError, openApi, ProblemError } from '#ui/api.ts';
import { bodyOf, farEnd } from './far-end.ts';

/** An api whose news of reach and sign-out are kept. */
function anApi(base: string, timeoutMs = 5000) {
  const reached: boolean[] = [];
  const signedOut: true[] = [];
  const api = openApi({
    fetch,
    base,
    timeoutMs,
    onReach: (answers) => reached.push(answers),
    onSignedOut: () => signedOut.push(true),
  });
  return { api, reached, signedOut };
}

/** An api whose server gives the same answer to everything. */
async function anApiThatHears(status: number, body: string) {
  const far = await farEnd((_, response) => response.writeHead(status).end(body));
  return { ...anApi(far.base), [Symbol.asyncDispose]: far[Symbol.asyncDispose] };
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    (value) => expect.fail(`wanted a refusal, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

test('a refusal carries the server’s own sentence and a sentence for each wrong field', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Unprocessable Content',
    status: 422,
    detail: 'people.0.password: too short',
    errors: [
      { path: 'people.0.password', message: 'too short' },
      { path: '/people/1/email', message: 'no address' },
    ],
  };
  await using heard = await anApiThatHears(422, JSON.stringify(problem));
  const error = await errorOf(heard.api.lists());
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({
    message: 'people.0.password: too short',
    status: 422,
    fields: { 'people.0.password': 'too short', 'people.1.email': 'no address' },
  });
  expect(heard.reached).toEqual([true]);
});

test.each([
  [500, '<html>oops</html>', 'The box answered with error 500.'],
  [404, '', 'The box answered with error 404.'],
  [409, '{"title":"Conflict"}', 'Conflict'],
  [400, '[]', 'The box answered with error 400.'],
  [400, 'null', 'The box answered with error 400.'],
  [429, '{"detail":7,"errors":"no"}', 'The box answered with error 429.'],
  [422, '{"detail":"no","errors":[null,3,{"path":1},{"path":"a","message":"b"}]}', 'no'],
])('a refusal %i with body %s still becomes a sentence', async (status, body, sentence) => {
  await using heard = await anApiThatHears(status, body);
  expect(await errorOf(heard.api.status())).toMatchObject({
    name: 'ProblemError',
    status,
    message: sentence,
  });
});

test('no body of any answer makes a call end otherwise than with a value or a named error', async () => {
  let next: { status: number; body: string } = { status: 200, body: '' };
  await using far = await farEnd((_, response) => response.writeHead(next.status).end(next.body));
  const { api } = anApi(far.base);
  const answers = fc.record({
    status: fc.constantFrom(200, 201, 400, 401, 403, 404, 422, 500, 503),
    body: fc.oneof(fc.string(), fc.json()),
  });
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      next = answer;
      const end = await api.checks().then(
        () => 'value',
        (error: unknown) => (error instanceof ProblemError ? 'problem' : error),
      );
      expect(['value', 'problem']).toContain(end);
    }),
    { numRuns: 60 },
  );
});

test('a server that is not there is named so, and said to be out of reach', async () => {
  const far = await farEnd((_, response) => response.end('{}'));
  await far[Symbol.asyncDispose]();
  const { api, reached } = anApi(far.base);
  expect(await errorOf(api.status())).toBeInstanceOf(NoAnswerError);
  expect(reached).toEqual([false]);
});

test('a server that takes a call and stays silent is given up, and believed again when it answers', async () => {
  let silent = true;
  await using far = await farEnd((_, response) => {
    if (!silent) response.end('{"claimed":true}');
  });
  const { api, reached } = anApi(far.base, 100);
  expect(await errorOf(api.claimed())).toBeInstanceOf(NoAnswerError);
  silent = false;
  expect(await api.claimed()).toEqual({ claimed: true });
  expect(reached).toEqual([false, true]);
});

test('an answer that breaks off half-way is no answer', async () => {
  await using far = await farEnd((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"weeks":[', () => response.destroy());
  });
  expect(await errorOf(anApi(far.base).api.checks())).toBeInstanceOf(NoAnswerError);
});

test('a session that ended is reported by every call but the one that asks who is there', async () => {
  await using heard = await anApiThatHears(401, '{"detail":"Please sign in first"}');
  await errorOf(heard.api.session());
  expect(heard.signedOut).toEqual([]);
  expect(await errorOf(heard.api.checks())).toMatchObject({ status: 401, message: 'Please sign in first' });
  expect(heard.signedOut).toEqual([true]);
});

test('names are sent so that no character of theirs can leave its place in the address', async () => {
  const asked: string[] = [];
  await using far = await farEnd((request, response) => {
    asked.push(request.url ?? '');
    response.end('{}');
  });
  const { api } = anApi(far.base);
  await api.explain('a&profile=staff#?/..', 'learner');
  await api.findings('../../session');
  expect(new URL(asked[0]!, far.base).searchParams.get('name')).toBe('a&profile=staff#?/..');
  expect(new URL(asked[0]!, far.base).searchParams.getAll('profile')).toEqual(['learner']);
  expect(asked[1]).toBe('/api/checks/runs/..%2F..%2Fsession');
});

test.each([
  [true, '/api/profiles/learner/rules'],
  [false, '/api/profiles/learner/rules/remove'],
])('a rule with keep %s is posted to %s with its name and reason only', async (keep, path) => {
  const heard: unknown[] = [];
  await using far = await farEnd((request, response) => {
    void bodyOf(request).then((body) => {
      heard.push(request.method, request.url, request.headers['content-type'], JSON.parse(body));
      response.end('{}');
    });
  });
  const rule = { action: 'allow', name: 'example.org', why: 'course reading' } as const;
  await anApi(far.base).api.changeRule({ profile: 'learner', keep, ...rule });
  expect(heard).toEqual(['POST', path, 'application/json', rule]);
});
