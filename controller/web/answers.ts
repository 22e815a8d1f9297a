import { OpenAPIHono } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { DoorEnv } from './gate.ts';

/** An empty set of routes of the door's kind. */
export const routes = (): OpenAPIHono<DoorEnv> => new OpenAPIHono<DoorEnv>();

/** A JSON answer in a route's description. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON body in a route's description. It is required: an optional one would skip its check without a type. */
export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}
