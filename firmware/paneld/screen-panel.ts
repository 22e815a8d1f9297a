import { DARK_LAMPS, type Panel } from './panel.ts';

/** The picture of the panel in the page: what it shows is what is reported, and its button comes over the bus. */
export function screenPanel(): Panel {
  let hear = (_isDown: boolean) => {};
  return {
    show: (lamps) => lamps,
    isLinked: () => true,
    // A page that held its button across a gap sends nothing but its release, which then ends no press.
    isDown: () => false,
    onEdge: (listener) => {
      hear = listener;
    },
    onLink: () => {},
    screenButton: (isDown) => hear(isDown),
    close: async () => {},
  };
}

/** No panel: nothing is lit, and nobody presses. */
export function noPanel(): Panel {
  return {
    show: () => DARK_LAMPS,
    isLinked: () => true,
    isDown: () => undefined,
    onEdge: () => {},
    onLink: () => {},
    close: async () => {},
  };
}
