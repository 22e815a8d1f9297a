import { z } from 'zod';

export const ROLES = ['network manager', 'dsl', 'authoriser', 'staff', 'governor', 'technician'] as const;
export const RoleId = z.enum(ROLES);
export type RoleId = z.infer<typeof RoleId>;

/**
 * What somebody may do, and who may. Deny by default: a route names one capability, and a person has it
 * through any of their roles.
 */
export const CAPABILITIES = {
  'read settings': ['network manager', 'dsl', 'authoriser', 'technician'],
  'change settings': ['network manager'],
  'explain names': ['network manager', 'dsl', 'authoriser', 'staff', 'technician'],
  'refresh lists': ['network manager', 'technician'],
  'log checks': ['network manager', 'dsl', 'authoriser', 'staff', 'technician'],
  'read checks': ['network manager', 'dsl', 'authoriser', 'governor', 'technician'],
  'read counts': ['network manager', 'dsl', 'authoriser', 'governor'],
  'triage alerts': ['dsl'],
  'read changes': ['network manager', 'dsl', 'authoriser', 'governor'],
  'press screen button': ['network manager', 'dsl', 'authoriser', 'technician'],
  'read status topics': ['network manager', 'dsl', 'authoriser', 'staff', 'governor', 'technician'],
} as const satisfies Record<string, readonly RoleId[]>;
export type Capability = keyof typeof CAPABILITIES;

/** Whether any of `roles` carries `capability`. */
export function may(roles: readonly RoleId[], capability: Capability): boolean {
  const holders: readonly RoleId[] = CAPABILITIES[capability];
  return roles.some((role) => holders.includes(role));
}
