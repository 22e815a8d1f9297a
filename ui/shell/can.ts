import type { Session } from '#contract/http.ts';
import type { Capability } from '#contract/roles.ts';

/** Whether the signed-in person may do something; the server asks again. */
export function can(session: Session, capability: Capability): boolean {
  return session.capabilities.includes(capability);
}
