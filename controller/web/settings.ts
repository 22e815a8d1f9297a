import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { Category } from '#contract/categories.ts';
import {
  CategoryChange,
  RuleChange,
  RuleRemoval,
  SafeSearchChange,
  SECTIONS,
  type Section,
  SectionChange,
  SettingsView,
} from '#contract/http.ts';
import { ProfileId } from '#contract/profiles.ts';
import { body, json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';
import { callerOf } from './gate.ts';
import { answerInvalid } from './problems.ts';

const SectionName = z.enum(Object.keys(SECTIONS) as [Section, ...Section[]]);
const InForce = json(SettingsView, 'The settings in force now');

const readSettings = createRoute({
  method: 'get',
  path: '/api/settings',
  summary: 'The policy in force',
  responses: { 200: InForce },
});

const keepRule = createRoute({
  method: 'post',
  path: '/api/profiles/{profile}/rules',
  summary: 'Allows or blocks a name of the provider’s own; a second rule for a name replaces the first',
  request: { params: z.object({ profile: ProfileId }), body: body(RuleChange) },
  responses: { 200: InForce },
});

const removeRule = createRoute({
  method: 'post',
  path: '/api/profiles/{profile}/rules/remove',
  summary: 'Removes a name of the provider’s own',
  request: { params: z.object({ profile: ProfileId }), body: body(RuleRemoval) },
  responses: { 200: InForce },
});

const changeCategory = createRoute({
  method: 'put',
  path: '/api/profiles/{profile}/categories/{category}',
  summary: 'Blocks or allows a category for a profile; the locked core does not move',
  request: { params: z.object({ profile: ProfileId, category: Category }), body: body(CategoryChange) },
  responses: { 200: InForce },
});

const changeSafeSearch = createRoute({
  method: 'put',
  path: '/api/profiles/{profile}/safe-search',
  summary: 'Holds a profile’s searches to safe search, and YouTube to a restricted mode, or lifts it',
  request: { params: z.object({ profile: ProfileId }), body: body(SafeSearchChange) },
  responses: { 200: InForce },
});

const changeSection = createRoute({
  method: 'put',
  path: '/api/settings/{section}',
  summary: 'Replaces one section of the settings whole',
  request: {
    params: z.object({ section: SectionName }),
    // The value's own schema depends on the path: it is checked in the handler, and described in openapi.ts.
    body: body(SectionChange.extend({ value: z.unknown() })),
  },
  responses: { 200: InForce },
});

/** `/api/settings` and `/api/profiles`: the provider's policy. */
export const settingsRoutes = (
  appliance: Pick<
    Appliance,
    'settings' | 'changeRule' | 'changeCategory' | 'changeSafeSearch' | 'changeSection'
  >,
) =>
  routes()
    .openapi(readSettings, (c) => c.json(appliance.settings(), 200))
    .openapi(keepRule, async (c) => {
      const change = { ...c.req.valid('param'), ...c.req.valid('json'), keep: true, by: callerOf(c) };
      return c.json(await appliance.changeRule(change), 200);
    })
    .openapi(removeRule, async (c) => {
      const change = { ...c.req.valid('param'), ...c.req.valid('json'), keep: false, by: callerOf(c) };
      return c.json(await appliance.changeRule(change), 200);
    })
    .openapi(changeCategory, async (c) => {
      const change = { ...c.req.valid('param'), ...c.req.valid('json'), by: callerOf(c) };
      return c.json(await appliance.changeCategory(change), 200);
    })
    .openapi(changeSafeSearch, async (c) => {
      const change = { ...c.req.valid('param'), ...c.req.valid('json'), by: callerOf(c) };
      return c.json(await appliance.changeSafeSearch(change), 200);
    })
    .openapi(changeSection, async (c) => {
      const { section } = c.req.valid('param');
      const { value, why } = c.req.valid('json');
      const parsed = SECTIONS[section].safeParse(value);
      if (!parsed.success) throw new HTTPException(422, { res: answerInvalid(422, parsed.error, ['value']) });
      const view = await appliance.changeSection({ section, value: parsed.data, why, by: callerOf(c) });
      return c.json(view, 200);
    });
