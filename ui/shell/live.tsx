import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { Session } from '#contract/http.ts';
import type { LampName, LampShow } from '#contract/lamps.ts';
import type { Bus, BusNews } from '#ui/bus.ts';

interface Live {
  readonly connected: boolean;
  readonly lamps: Partial<Record<LampName, LampShow>>;
  /** Whether the panel program lives; undefined when the bus has not said. */
  readonly link: string | undefined;
  readonly armingStep: number;
  readonly press: (edge: 'down' | 'up') => void;
}

const QUIET: Live = { connected: false, lamps: {}, link: undefined, armingStep: 0, press: () => {} };
const LiveContext = createContext<Live>(QUIET);
export const useLive = () => useContext(LiveContext);

const RETRY_MS = 5000;
/** The first paint comes before the MQTT client, which is as large as all the rest. */
const AFTER_PAINT_MS = 300;

/** Keeps one connection to the live bus while somebody is signed in. */
export function LiveProvider({ session, children }: { session: Session; children: ReactNode }) {
  const [state, setState] = useState<Omit<Live, 'press'>>(QUIET);
  const bus = useRef<Bus | undefined>(undefined);
  const queries = useQueryClient();
  const { topicPrefix } = session;

  useEffect(() => {
    let gone = false;
    const change = (part: Partial<Live>) => {
      if (!gone) setState((before) => ({ ...before, ...part }));
    };
    const news: BusNews = {
      onConnected: (connected) => change(connected ? { connected } : { ...QUIET }),
      onStatus: (status) => queries.setQueryData(['status'], status),
      onLamp: (lamp, shows) => {
        if (!gone) setState((before) => ({ ...before, lamps: { ...before.lamps, [lamp]: shows } }));
      },
      onLink: (link) => change({ link }),
      onArming: (armingStep) => change({ armingStep }),
    };
    const join = async () => {
      const { openBus } = await import('#ui/bus.ts');
      if (!gone)
        bus.current = openBus(
          { url: busUrl(), topicPrefix, suffix: randomSuffix(), retryMs: RETRY_MS },
          news,
        );
    };
    // Without the bus the page goes on by asking every five seconds.
    const timer = setTimeout(() => void join().catch(() => undefined), AFTER_PAINT_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
      bus.current?.close();
      bus.current = undefined;
    };
  }, [topicPrefix, queries]);

  const live = useMemo(
    () => ({ ...state, press: (edge: 'down' | 'up') => bus.current?.press(edge) }),
    [state],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

function busUrl(): string {
  const { protocol, host } = globalThis.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/mqtt`;
}

// crypto.randomUUID needs a secure context, which a box on http is not.
const randomSuffix = (): string =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((octet) => octet.toString(36)).join('');
