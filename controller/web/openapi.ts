import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { Problem, SECTIONS } from '#contract/http.ts';
import { ACCESS, type RouteKey } from './access.ts';
import type { DoorEnv } from './gate.ts';

type Document = ReturnType<OpenAPIHono<DoorEnv>['getOpenAPI31Document']>;
type PathItem = NonNullable<Document['paths']>[string];
type Operation = NonNullable<PathItem['get']>;

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** Problems beyond those that follow from the row and the body. */
const OWN_PROBLEMS: Partial<Record<RouteKey, readonly number[]>> = {
  'POST /api/claim': [403, 409, 429],
  'POST /api/session': [401, 403, 429],
  'POST /api/checks/runs': [429, 503],
  'GET /api/checks/runs/{run}': [404],
  'POST /api/checks': [404, 409],
  'POST /api/alerts/{alert}/triage': [404, 409],
};

/** Composes the OpenAPI 3.1 document of `api`: its routes, and what the gate adds to each of them. */
export function composeDocument(api: OpenAPIHono<DoorEnv>, version: string): Document {
  const document = api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      description:
        'A DNS filter with evidence. Errors are problems (RFC 9457). Requests that change something carry ' +
        'Content-Type application/json, and no Origin but this appliance’s own.',
    },
  });
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = methods[method];
      if (operation) describeGate(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  describeSections(document.paths?.['/api/settings/{section}']?.put);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: schemaOf(Problem) },
    securitySchemes: {
      cookie: { type: 'apiKey', in: 'cookie', name: 'gatehouse' },
      bearer: { type: 'http', scheme: 'bearer' },
    },
  };
  return document;
}

function describeGate(key: string, operation: Operation): void {
  const needs = Object.hasOwn(ACCESS, key) ? ACCESS[key as RouteKey] : undefined;
  if (needs === undefined) throw new Error(`${key} has no row in ACCESS`);
  operation.operationId = key
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/-$/, '');
  operation.security = needs === 'open' ? [] : [{ cookie: [] }, { bearer: [] }];
  Object.assign(operation, { 'x-needs': needs });
  const statuses = new Set([
    ...(operation.parameters ? [400, 422] : []),
    ...(operation.requestBody ? [400, 413, 415, 422] : []),
    ...(key.startsWith('GET ') ? [] : [403]),
    ...(needs === 'open' ? [] : [401, 403]),
    ...(OWN_PROBLEMS[key as RouteKey] ?? []),
    500,
  ]);
  operation.responses ??= {};
  for (const status of statuses) operation.responses[status] ??= PROBLEM_ANSWER;
}

const PROBLEM_ANSWER = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Each section's own schema, which the route's generic one cannot say. */
function describeSections(operation: Operation | undefined): void {
  if (operation === undefined) throw new Error('PUT /api/settings/{section} is not served');
  const sections = Object.entries(SECTIONS).map(([section, value]) => ({
    title: section,
    type: 'object' as const,
    required: ['value', 'why'],
    properties: { value: schemaOf(value), why: { type: 'string' as const, minLength: 3, maxLength: 280 } },
  }));
  operation.requestBody = {
    required: true,
    content: { 'application/json': { schema: { anyOf: sections } } },
  };
}

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. */
function schemaOf(schema: z.ZodType) {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest as NonNullable<NonNullable<Document['components']>['schemas']>[string];
}
