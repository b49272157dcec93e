import { SENDABLE_SECONDS } from "#app/events/event-window.ts";

/** SQL: whether Pinterest would no longer take an event of the `event` table; by the database's clock. */
export const IS_LATE_SQL = `event_time < extract(epoch from now()) - ${SENDABLE_SECONDS}`;
