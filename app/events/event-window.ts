/**
 * How long after it happened an event may still be sent: 6 days 20 hours. Pinterest accepts events
 * of the last seven days (docs.amperity.com/operator/events_pinterest.html); four hours are left
 * for clocks and queues.
 */
export const SENDABLE_SECONDS = (6 * 24 + 20) * 60 * 60;

/** Whether an event is too old for Pinterest; `nowSeconds` is the present. */
export function isTooOld(eventTimeSeconds: number, nowSeconds: number): boolean {
  return eventTimeSeconds < nowSeconds - SENDABLE_SECONDS;
}
