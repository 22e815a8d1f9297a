import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Session } from '#contract/http.ts';
import { ProblemError } from '#ui/api.ts';
import { useServer } from './server.ts';

/**
 * Who is signed in; null when nobody is. A session that ends while a page is open is reported as lapsed
 * and its page stays, so that nothing typed is lost.
 */
export function useSession() {
  const { api, lapsed } = useServer();
  const queries = useQueryClient();
  return useQuery({
    queryKey: ['session'],
    queryFn: async (): Promise<Session | null> => {
      try {
        return await api.session();
      } catch (error) {
        if (!(error instanceof ProblemError) || error.status !== 401) throw error;
        const before = lastSession(queries);
        if (before) lapsed.set(true);
        return before;
      }
    },
    staleTime: 60_000,
  });
}

const lastSession = (queries: QueryClient) => queries.getQueryData<Session | null>(['session']) ?? null;
