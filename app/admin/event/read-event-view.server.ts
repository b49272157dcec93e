import { describeKind, describeState } from "#app/admin/shell/describe-state.server.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import type { EventState } from "#app/events/event-state.ts";
import {
  type EventName,
  type EventRecord,
  isWaiting,
  readEventRecord,
} from "#app/outbox/read-event-record.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { describeFacts } from "./describe-facts.server.ts";
import { describeSent } from "./describe-sent.server.ts";
import { describeTimeline } from "./describe-timeline.server.ts";
import { type ActionOffer, judgeActions } from "./event-actions.ts";
import { readSurroundings, type Surroundings } from "./read-surroundings.server.ts";
import { actionBars, actionLabels, eventDetailTexts } from "./texts.ts";
import type { ActionName, ActionView, EventView } from "./view.ts";
import { writeReport } from "./write-report.server.ts";

interface ViewServices {
  db: Pick<Database, "readAsShop">;
  keyring: Keyring;
  config: { PINTEREST_API_URL: string };
}

interface Reader {
  shop: { id: bigint };
  userId: string;
  format: Formatter;
}

/**
 * One event as its screen shows it; null: the shop has none such. IP address, browser and click id
 * are masked, unless the caller has noted that they are looked at (`isRevealed`).
 */
export async function readEventView(
  { db, keyring, config }: ViewServices,
  { shop, userId, format }: Reader,
  name: EventName,
  { isRevealed = false }: { isRevealed?: boolean } = {},
): Promise<EventView | null> {
  const read = await db.readAsShop(shop.id, async (tx) => {
    const record = await readEventRecord(tx, keyring, shop.id, name);
    if (record === null) return null;
    return { record, surroundings: await readSurroundings(tx, record.row) };
  });
  if (read === null) return null;
  const { record, surroundings } = read;
  const { row } = record;
  const kind = describeKind(row.kind);
  const order = row.orderName ?? row.orderId;
  return {
    eventId: row.eventId,
    kind: row.kind,
    title: order === null ? kind : say(eventDetailTexts.titleOfOrder, { kind, order }),
    badge: describeBadge(record, surroundings, format),
    zone: format.zone(),
    isOpen: isWaiting(row),
    timeline: describeTimeline({ record, surroundings, format, userId }),
    facts: describeFacts(record, surroundings, format),
    sent: describeSent(record, { isRevealed, apiUrl: config.PINTEREST_API_URL }, format),
    actions: describeActions(record, surroundings, format.now),
    report: writeReport(record, surroundings),
  };
}

function stateOf({ row, isSending }: EventRecord): EventState {
  return isSending ? "sending" : (row.state as EventState);
}

function describeBadge(
  record: EventRecord,
  { connection }: Surroundings,
  format: Formatter,
): EventView["badge"] {
  const { reason, warning, attempts, nextAt, kind, source } = record.row;
  const facts = { reason, warning, attempts, nextAt, kind, source, connection };
  return describeState({ ...facts, state: stateOf(record) }, format);
}

function describeActions(
  record: EventRecord,
  { connection }: Surroundings,
  now: Date,
): ActionView[] {
  const { reason, kind, orderId, eventTime, nextAt } = record.row;
  const offers: Record<ActionName, ActionOffer> = judgeActions({
    state: stateOf(record),
    reason,
    kind,
    orderId,
    eventTime: Number(eventTime),
    nowSeconds: Math.floor(now.getTime() / 1_000),
    hasBody: record.body !== null,
    nextAtMs: nextAt.getTime(),
    connection: connection.state,
  });
  return (["sendNow", "sendAgain", "rebuild"] as const).flatMap((name) => {
    const offer = offers[name];
    if (offer === null) return [];
    return [
      { name, label: actionLabels[name], bar: offer === "offered" ? null : actionBars[offer] },
    ];
  });
}
