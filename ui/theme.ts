import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const GATE: MantineColorsTuple = [
  '#e9f6f8',
  '#d5e9ed',
  '#a9d3db',
  '#7abcc8',
  '#54a8b7',
  '#3c9cad',
  '#2c8fa1',
  '#177a8b',
  '#0b6677',
  '#0b5563',
];

/** Colours and type of every page. The threshold makes filled buttons readable: contrast 4.5 to 1 or better. */
export const theme = createTheme({
  primaryColor: 'gate',
  primaryShade: { light: 9, dark: 7 },
  colors: { gate: GATE },
  autoContrast: true,
  luminanceThreshold: 0.179,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, "Liberation Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.15rem' } } },
});

/** Mantine's dimmed, error and placeholder texts are too pale for WCAG 2.2 AA on grey; these are not. */
export const readableColours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#4d555d',
    '--mantine-color-placeholder': '#5c646c',
    '--mantine-color-error': '#b3151b',
    '--mantine-color-anchor': '#0b5563',
    '--gh-page': '#f3f5f6',
    '--gh-good': '#1c7a36',
    '--gh-warn': '#8a5200',
    '--gh-bad': '#b3151b',
    '--gh-line': '#d3d9de',
  },
  dark: {
    '--mantine-color-body': '#1d2226',
    '--mantine-color-dimmed': '#b3bcc4',
    '--mantine-color-placeholder': '#a3acb4',
    '--mantine-color-error': '#ff9a94',
    '--mantine-color-anchor': '#7fd0de',
    '--gh-page': '#14181b',
    '--gh-good': '#6fd88a',
    '--gh-warn': '#ffc266',
    '--gh-bad': '#ff9a94',
    '--gh-line': '#3a4248',
  },
});
