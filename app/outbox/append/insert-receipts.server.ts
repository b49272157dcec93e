import type { PoolClient } from "pg";
import { isRedactedSql, roleOfTopicSql } from "#app/outbox/redact/redacted-sources.server.ts";
import type { IntakeRow, RowOutcome } from "./intake-row.server.ts";

const COLUMNS = "shop_id, topic, webhook_id, outcome, reason, source_key, triggered_at";

/** SQL: the fields of a webhook that its receipt has in addition to those of its event. */
export const RECEIPT_FIELDS = "topic text, webhook_id text, note text, triggered_at timestamptz";

/**
 * SQL: writes the receipts of `rows`, a query of their columns. The receipt of a repeated delivery
 * exists already.
 */
export function insertReceiptsSql(rows: string): string {
  return `insert into receipt (${COLUMNS}) ${rows} order by shop_id, webhook_id, topic on conflict do nothing`;
}

/** Writes a receipt per webhook. */
export async function insertReceipts(
  client: PoolClient,
  rows: readonly IntakeRow[],
  outcomes: readonly RowOutcome[],
): Promise<void> {
  const receipts = rows.map((row, index) => ({
    shop_id: row.shop.id.toString(),
    topic: row.topic,
    webhook_id: row.webhookId,
    outcome: outcomes[index],
    reason: chooseReason(row),
    source_key: row.mapped?.sourceKey ?? null,
    triggered_at: row.triggeredAt?.toISOString() ?? null,
  }));
  await client.query({
    name: "insert-receipts",
    text: insertReceiptsSql(`select shop_id, topic, webhook_id, outcome, reason,
        case when not ${isRedactedSql("r.shop_id", roleOfTopicSql("r.topic"), "r.source_key")} then source_key end,
        triggered_at from json_to_recordset($1) as r(shop_id bigint, topic text,
        webhook_id text, outcome text, reason text, source_key text, triggered_at timestamptz)`),
    values: [JSON.stringify(receipts)],
  });
}

function chooseReason({ note, mapped }: IntakeRow): string | null {
  if (note !== null) return note;
  return mapped?.outcome.kind === "skip" ? mapped.outcome.reason : null;
}

/**
 * The time of the shop's last webhook is shown to the minute, so it is written at most every few
 * seconds: a write in each group would make the shop's row the hottest in the database.
 */
export async function recordLastWebhooks(
  client: PoolClient,
  rows: readonly IntakeRow[],
): Promise<void> {
  const silent = rows.filter(({ shop }) => shop.isNoted !== true);
  if (silent.length === 0) return;
  const shopIds = [...new Set(silent.map((row) => row.shop.id))].sort((a, b) => (a < b ? -1 : 1));
  await client.query({
    name: "note-last-webhooks",
    text: `update shop set last_webhook_at = now() from (
        select id from shop where id = any($1::bigint[])
          and (last_webhook_at is null or last_webhook_at < now() - interval '5 seconds')
        order by id for no key update skip locked) stale
      where shop.id = stale.id`,
    values: [shopIds.map(String)],
  });
}
