import { type CommitServices, commitIntake } from "#app/outbox/append/commit-intake.server.ts";
import type { IntakeRow, RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import {
  commitIsolatingBadRows,
  commitTwice,
  isOfContent,
  type NotCommitted,
  type Patience,
} from "./commit-isolating-bad-rows.server.ts";
import { unreadableEvent } from "./unreadable-event.server.ts";

/** Commits the rows of webhooks; those that another transaction or their own content keeps out fail alone. */
export function commitWebhooks(
  services: CommitServices & { log: Logger },
  rows: readonly IntakeRow[],
  patience: Patience,
): Promise<(RowOutcome | NotCommitted)[]> {
  const way = {
    log: services.log,
    commit: (some: readonly IntakeRow[], lockTimeoutMs: number) =>
      commitIntake(services, some, lockTimeoutMs),
    rescue: (row: IntakeRow, lockTimeoutMs: number, error: unknown) =>
      commitReceiptOnly(services, row, lockTimeoutMs, error),
  };
  return commitIsolatingBadRows(way, rows, patience);
}

const REFUSED = "the database refused its content";

/**
 * Stores the receipt of the one row that the database rejects, without the rejected event but with
 * the order's id, by which reconciliation fetches the order again; the id is left out if the
 * database rejects it as well.
 */
async function commitReceiptOnly(
  services: CommitServices & { log: Logger },
  row: IntakeRow,
  lockTimeoutMs: number,
  error: unknown,
): Promise<RowOutcome | NotCommitted> {
  const { topic, webhookId, mapped } = row;
  services.log.error({ err: error, topic, webhookId }, "the database rejected a webhook's content");
  if (mapped === null) return "failed";
  const { kind: eventName, sourceKey, orderId, eventTimeSeconds } = mapped;
  const nameless = { eventName, sourceKey: null, orderId: null };
  for (const identity of [{ eventName, sourceKey, orderId }, nameless]) {
    const bare = unreadableEvent(identity, webhookId, eventTimeSeconds);
    try {
      const kept = { ...row, note: REFUSED, mapped: bare, trace: null };
      const [outcome] = await commitTwice(() => commitIntake(services, [kept], lockTimeoutMs));
      return outcome ?? "failed";
    } catch (refusal) {
      if (!isOfContent(refusal)) throw refusal;
    }
  }
  return "failed";
}
