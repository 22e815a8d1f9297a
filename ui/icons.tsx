import type { ReactNode } from 'react';

/** Line icons, drawn for this page; they say nothing that words beside them do not. */
const icon = (shape: ReactNode) => () => (
  <svg
    aria-hidden="true"
    focusable="false"
    width="18"
    height="18"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="2.2"
    strokeLinecap="round"
    strokeLinejoin="round"
    style={{ flex: 'none' }}
  >
    {shape}
  </svg>
);

export const TickIcon = icon(<path d="M5 12.5l5 5L19.5 7" />);
export const CrossIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const ClockIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3.5 2" />
  </>,
);
export const DashIcon = icon(<path d="M6 12h12" />);
export const DotIcon = icon(<circle cx="12" cy="12" r="1.5" />);
export const WarnIcon = icon(<path d="M12 4L2.5 20h19zM12 10v4M12 17v.2" />);
export const LockIcon = icon(
  <>
    <rect x="5" y="11" width="14" height="9" rx="2" />
    <path d="M8 11V8a4 4 0 0 1 8 0v3" />
  </>,
);
export const UnknownIcon = icon(<path d="M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1-1.5 2.3M12 18.4v.1" />);
export const SunIcon = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2" />
  </>,
);
export const MoonIcon = icon(<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" />);
export const BlockIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M5.8 5.8l12.4 12.4" />
  </>,
);

/** The gate of the product's name. */
export function GateMark() {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width="28"
      height="28"
      viewBox="0 0 32 32"
      style={{ flex: 'none' }}
    >
      <rect width="32" height="32" rx="7" fill="#0b5563" />
      <path d="M6 26V9h4v3h3V9h6v3h3V9h4v17h-6v-5a4 4 0 0 0-8 0v5z" fill="#fff" />
    </svg>
  );
}
