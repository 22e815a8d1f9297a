import type { Aedes } from 'aedes';

type Done = (error?: Error | null) => void;
type PublishNow = (packet: object, client: object | null, done: Done) => void;

/**
 * Makes `aedes` publish one packet at a time: two in flight may overtake each other, and then the earlier one
 * is dropped as a duplicate. Packets that `isSwallowed` are acknowledged and go no further.
 */
export function publishInOrder(aedes: Aedes, isSwallowed: (packet: object) => boolean): void {
  const publishNow = aedes.publish.bind(aedes) as unknown as PublishNow;
  const waiting: { readonly packet: object; readonly client: object | null; readonly done: Done }[] = [];
  let busy = false;

  function next(): void {
    if (busy) return;
    const turn = waiting.shift();
    if (!turn) return;
    busy = true;
    publishNow(turn.packet, turn.client, (error) => {
      busy = false;
      turn.done(error);
      next();
    });
  }

  const publish = (packet: object, second: object | Done | null, third?: Done): void => {
    const [client, done] = typeof second === 'function' ? [null, second as Done] : [second, third];
    if (isSwallowed(packet)) {
      setImmediate(() => done?.(null));
      return;
    }
    waiting.push({ packet, client, done: done ?? (() => {}) });
    next();
  };
  aedes.publish = publish as Aedes['publish'];
}
