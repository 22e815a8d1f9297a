import { STATUS_CODES } from 'node:http';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import type { ZodError } from 'zod';
import type { Problem } from '#contract/http.ts';
import { Refusal } from './appliance.ts';

/** The part of the log that the door writes to. */
export type DoorLog = Pick<Logger, 'info' | 'warn' | 'error'>;

/** What a problem may carry beside its status and detail. `headers` are added to the answer's own. */
export interface ProblemRest {
  readonly errors?: Problem['errors'];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Composes the body of a problem. @see RFC 9457 section 3.1 */
export function composeProblem(status: number, detail: string, errors?: Problem['errors']): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, detail, ...(errors ? { errors } : {}) };
}

/** Answers a problem as `application/problem+json`. */
export function answerProblem(status: number, detail: string, rest: ProblemRest = {}): Response {
  return new Response(JSON.stringify(composeProblem(status, detail, rest.errors)), {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      // RFC 9110 section 11.6.1: a 401 names a scheme. Browsers show no prompt for Bearer.
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer realm="gatehouse"' } : {}),
      ...rest.headers,
    },
  });
}

/** Answers what zod found wrong; `at` is set before each path, as in `value.0.name`. */
export function answerInvalid(status: 400 | 422, error: ZodError, at: readonly string[] = []): Response {
  const errors = error.issues.slice(0, 20).map((issue) => ({
    path: [...at, ...issue.path.map(String)].join('.'),
    message: issue.message.slice(0, 300),
  }));
  const first = errors[0];
  const where = first?.path ? `${first.path}: ` : '';
  return answerProblem(status, `${where}${first?.message ?? 'not valid'}`, { errors });
}

/** Answers whatever a route threw: a refusal and bad input in their own words, our bug without its insides. */
export function answerError(error: unknown, log: DoorLog): Response {
  if (error instanceof Refusal) {
    const wait = error.retryAfter;
    return answerProblem(error.status, error.message, {
      headers: wait === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(wait))) },
    });
  }
  if (error instanceof HTTPException) return error.res ?? answerProblem(error.status, error.message);
  log.error({ err: error }, 'web: a request failed by a fault of our own');
  return answerProblem(500, 'This went wrong by a fault of Gatehouse itself. The log says more.');
}
