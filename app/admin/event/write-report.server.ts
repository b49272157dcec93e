import { answerFor, type EventRecord } from "#app/outbox/read-event-record.server.ts";
import type { Surroundings } from "./read-surroundings.server.ts";

/**
 * What helps whoever is asked for help: identity, states and times to the millisecond, as JSON. No
 * body and no value of a person.
 */
export function writeReport(
  { row, isSending, attempts, notes, payloadStatus }: EventRecord,
  { notices, connection, deeds }: Surroundings,
): string {
  const report = {
    event_id: row.eventId,
    event_name: row.kind,
    id_source: row.idSource,
    source: row.source,
    state: isSending ? "sending" : row.state,
    reason: row.reason,
    warning: row.warning,
    event_time: Number(row.eventTime),
    created_at: row.createdAt,
    next_at: row.nextAt,
    settled_at: row.settledAt,
    settings_version: row.settingsVersion,
    consent: row.consent,
    match_keys: notes,
    body: payloadStatus,
    connection: connection.state,
    notices,
    attempts: attempts.map((attempt) => ({
      started_at: attempt.startedAt,
      duration_ms: attempt.durationMs,
      http_status: attempt.httpStatus,
      outcome: attempt.outcome,
      pinterest_code: attempt.pinterestCode,
      message: attempt.message,
      events: attempt.events,
      answer: answerFor(attempt, row.id),
    })),
    deeds: deeds.map(({ action, at }) => ({ action, at })),
  };
  return JSON.stringify(report, null, 2);
}
