import { useQuery } from '@tanstack/react-query';
import type { Session } from '#contract/http.ts';
import { can } from '#ui/shell/can.ts';
import { Page } from '#ui/shell/page.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Loaded } from '#ui/shell/trouble.tsx';
import { words } from '#ui/words.ts';
import { Changes } from './changes.tsx';
import { Lists } from './lists.tsx';
import { Matrix } from './matrix.tsx';
import { Rules } from './rules.tsx';
import { Search } from './search.tsx';
import { Why } from './why.tsx';

/** Names: why one is blocked, the provider's own rules, categories by profile, lists, and what was changed. */
export function Names({ session }: { session: Session }) {
  const mayChange = can(session, 'change settings');
  return (
    <Page title={words.names.title}>
      <Why mayChange={mayChange} />
      {can(session, 'read settings') ? <Policy session={session} mayChange={mayChange} /> : null}
      {can(session, 'read changes') ? <Changes /> : null}
    </Page>
  );
}

function Policy({ session, mayChange }: { session: Session; mayChange: boolean }) {
  const api = useApi();
  const settings = useQuery({ queryKey: ['settings'], queryFn: api.settings });
  return (
    <>
      <Loaded query={settings}>
        {(view) => (
          <>
            <Rules view={view} mayChange={mayChange} />
            <Search view={view} mayChange={mayChange} />
            <Matrix view={view} mayChange={mayChange} />
          </>
        )}
      </Loaded>
      <Lists mayRefresh={can(session, 'refresh lists')} />
    </>
  );
}
