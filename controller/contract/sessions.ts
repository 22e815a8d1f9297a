import { z } from 'zod';

/** A signed-in browser as it is kept on disk: the token itself only as its hex SHA-256. Times in milliseconds since 1970. */
export const StoredSession = z.object({
  tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
  person: z.string(),
  openedAt: z.int(),
  seenAt: z.int(),
});
export type StoredSession = z.infer<typeof StoredSession>;

/** Where sessions outlive a restart. */
export interface SessionStore {
  sessions(): Promise<readonly StoredSession[]>;
  saveSession(session: StoredSession): Promise<void>;
  deleteSession(tokenHash: string): Promise<void>;
}
