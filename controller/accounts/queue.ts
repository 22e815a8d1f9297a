/** More wait for a password to be checked than the box can serve soon. */
export class TooBusy extends Error {
  readonly retryAfterSeconds = 5;
  constructor(room: number) {
    super(`wanted at most ${room} sign-ins at once; try again in a few seconds`);
    this.name = 'TooBusy';
  }
}

/**
 * One piece of work at a time, and at most `room` waiting: a password hash takes memory and a thread that DNS and
 * pages want too.
 */
export function oneAtATime(room: number): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (work) => {
    if (waiting >= room) return Promise.reject(new TooBusy(room));
    waiting += 1;
    const working = last.then(work);
    last = working.then(
      () => {
        waiting -= 1;
      },
      () => {
        waiting -= 1;
      },
    );
    return working;
  };
}
