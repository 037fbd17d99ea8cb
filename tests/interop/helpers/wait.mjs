// Waiting, always with a deadline: nothing in this suite waits for ever and nothing sleeps.

export const DEADLINE_MS = Number(process.env.DEADLINE_MS ?? 10_000);

/** What `promise` resolves to, or an error that says what did not happen in time. */
export function within(promise, what, ms = DEADLINE_MS) {
  let timer;
  const expiry = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms in vain for ${what}`)), ms);
  });
  const outcome = Promise.race([promise, expiry]).finally(() => clearTimeout(timer));
  // Often armed before the action that fulfils it. If that action fails, its error is the one to see.
  outcome.catch(() => {});
  return outcome;
}

/** The arguments of the next `event` of an emitter. Call it before what causes the event. */
export function next(emitter, event, what) {
  let listener;
  const fired = new Promise((resolve) => {
    listener = (...args) => resolve(args);
    emitter.once(event, listener);
  });
  return within(fired, what ?? `the event "${event}"`).finally(() => emitter.off(event, listener));
}

/**
 * Asks again and again until `isDone(answer)`, and returns that answer. `ask` is a round trip to the
 * server, which is what paces the loop.
 */
export async function askUntil(ask, isDone, what) {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await within(ask(), what);
    if (isDone(answer)) return answer;
    if (Date.now() > end) {
      throw new Error(`asked for ${DEADLINE_MS} ms in vain for ${what}; last answer: ${JSON.stringify(answer)}`);
    }
  }
}
