import { type ReactNode, useState } from 'react';
import styles from './disclosure.module.css';

/** A line that opens to what is under it; what is under it is made when it is first opened. */
export function Disclosure({ summary, children }: { summary: ReactNode; children: ReactNode }) {
  const [seen, setSeen] = useState(false);
  return (
    <details
      className={styles['details']}
      onToggle={(event) => setSeen((before) => before || event.currentTarget.open)}
    >
      <summary className={styles['summary']}>{summary}</summary>
      <div className={styles['inside']}>{seen ? children : null}</div>
    </details>
  );
}
