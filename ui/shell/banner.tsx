import { Alert } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { WarnIcon } from '#ui/icons.tsx';
import { words } from '#ui/words.ts';
import { useServer, useWatched } from './server.ts';
import styles from './shell.module.css';

/** Said once, on top of every page, while the server does not answer; asks again every five seconds. */
export function ReachBanner() {
  const { answers, api } = useServer();
  const reached = useWatched(answers);
  const again = useQuery({ queryKey: ['reach'], queryFn: api.status, enabled: false });
  const { refetch } = again;
  const queries = useQueryClient();
  useEffect(() => {
    if (reached) return;
    const timer = setInterval(() => void refetch(), 5000);
    return () => {
      clearInterval(timer);
      void queries.invalidateQueries();
    };
  }, [reached, refetch, queries]);
  return (
    <div role="status" className={styles['banner']}>
      {reached ? null : (
        <Alert color="red.9" variant="filled" radius={0} icon={<WarnIcon />} title={words.reachTitle}>
          {words.reach}
        </Alert>
      )}
    </div>
  );
}
