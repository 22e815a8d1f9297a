import '@mantine/core/styles.css';
import '#ui/shell/page.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { openApi } from '#ui/api.ts';
import { App } from '#ui/shell/app.tsx';
import { ServerProvider, watched } from '#ui/shell/server.ts';
import { readableColours, theme } from '#ui/theme.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// The scroll lock behind dialogs makes a style element of its own and looks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });

// A page left open over an update asks for parts that the box no longer has: load it anew, once a minute at most.
globalThis.addEventListener('vite:preloadError', () => {
  const key = 'gatehouse-loaded-anew';
  const last = Number(sessionStorage.getItem(key) ?? 0);
  if (Date.now() - last < 60_000) return;
  sessionStorage.setItem(key, String(Date.now()));
  globalThis.location.reload();
});

const answers = watched(true);
const lapsed = watched(false);
const api = openApi({
  fetch: globalThis.fetch.bind(globalThis),
  base: '',
  timeoutMs: 20_000,
  onReach: answers.set,
  onSignedOut: () => lapsed.set(true),
});

const queries = new QueryClient({
  // The box is on the local network: the browser's own idea of being online says nothing about it.
  defaultOptions: {
    queries: { networkMode: 'always', retry: false, staleTime: 10_000 },
    mutations: { networkMode: 'always', retry: false },
  },
});

createRoot(document.getElementById('root')!).render(
  <MantineProvider
    theme={theme}
    cssVariablesResolver={readableColours}
    defaultColorScheme="auto"
    getStyleNonce={() => nonce}
  >
    <QueryClientProvider client={queries}>
      <ServerProvider value={{ api, answers, lapsed }}>
        <App path={globalThis.location.pathname} />
      </ServerProvider>
    </QueryClientProvider>
  </MantineProvider>,
);
