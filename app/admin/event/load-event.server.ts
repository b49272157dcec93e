import { listEventEntries } from "#app/audit/read-audit-log.server.ts";
import {
  type EventState,
  isTooOld,
  NEVER_REBUILT_REASONS,
  type SkipReason,
} from "#app/events/event-state.ts";
import { lookUp } from "#app/events/look-up.ts";
import { findReplayBar } from "#app/events/replay-rule.ts";
import { type ShopSettings, shopSettings } from "#app/events/shop-settings.ts";
import {
  type EventName,
  type EventRecord,
  type EventRow,
  readEventRecord,
} from "#app/outbox/read-event-record.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Prisma } from "#prisma/client/client.ts";

interface LoadedEvent {
  record: EventRecord;
  eventContext: EventContext;
  /** What may be done with it now: the page and the action use the same answer. */
  actions: EventActions;
}

/** Loads an event of the shop with what may be done with it; null: the shop has no such event. */
export async function loadEvent(
  { db, keyring }: { db: Pick<Database, "pool" | "readAsShop">; keyring: Keyring },
  shopId: bigint,
  name: EventName,
  now: Date,
): Promise<LoadedEvent | null> {
  const keys = await keyring.load(db.pool, [shopId]);
  return db.readAsShop(shopId, async (tx) => {
    const record = await readEventRecord(tx, keys, shopId, name);
    if (record === null) return null;
    const eventContext = await loadEventContext(tx, record.row);
    const { reason, kind, orderId, eventTime, nextAt } = record.row;
    const actions = decideActions({
      state: toState(record),
      reason,
      kind,
      orderId,
      eventTime: Number(eventTime),
      nowSeconds: Math.floor(now.getTime() / 1_000),
      hasPayload: record.body !== null,
      nextAtMs: nextAt.getTime(),
      connection: eventContext.connection.state,
    });
    return { record, eventContext, actions };
  });
}

export function toState({ row, isSending }: EventRecord): EventState {
  return isSending ? "sending" : (row.state as EventState);
}

/** What is stored about an event in other tables. */
export interface EventContext {
  /** Shopify's messages about it; null: there was none, or its record is gone. */
  notices: { topic: string; deliveries: number; firstAt: Date } | null;
  connection: { state: "none" | "active" | "paused"; pauseReason: string | null };
  /** The settings that the event was made with; null when they are no longer known. */
  valueBasis: ShopSettings["value_basis"] | null;
  /** What people did with it, oldest first. */
  manualActions: ManualAction[];
}

export interface ManualAction {
  actor: string;
  action: ManualActionName;
  at: Date;
}

const MANUAL_ACTIONS = ["events.replay", "event.rebuild", "event.send_now"] as const;

type ManualActionName = (typeof MANUAL_ACTIONS)[number];

/** The webhook topics that an event is made from, by its name. */
const TOPICS = {
  checkout: "orders/%",
  initiate_checkout: "checkouts/%",
  signup: "customers/%",
} as const satisfies Record<string, string>;

/** Everything is read within one `readAsShop`. */
async function loadEventContext(
  tx: Prisma.TransactionClient,
  event: EventRow,
): Promise<EventContext> {
  const { shopId } = event;
  const connection = await tx.connection.findUnique({ where: { shopId } });
  return {
    notices: await readNotices(tx, event),
    connection: {
      state: connection === null ? "none" : connection.state === "paused" ? "paused" : "active",
      pauseReason: connection?.pauseReason ?? null,
    },
    valueBasis: await readValueBasis(tx, event),
    manualActions: await listEventEntries(tx, event, MANUAL_ACTIONS),
  };
}

/** Shopify repeats a notice for four hours; receipts are kept by day, and lie by shop in each. */
async function readNotices(
  tx: Prisma.TransactionClient,
  { shopId, kind, sourceKey, createdAt }: EventRow,
): Promise<EventContext["notices"]> {
  const topics = lookUp(TOPICS, kind);
  if (topics === undefined) return null;
  const rows = await tx.$queryRaw<{ topic: string; received_at: Date; deliveries: bigint }[]>`
    select topic, received_at, count(*) over () as deliveries from receipt
    where shop_id = ${shopId} and source_key = ${sourceKey} and topic like ${topics}
      and received_on between ${createdAt}::date - 1 and ${createdAt}::date + 2
    order by received_at, topic limit 1`;
  const first = rows[0];
  if (first === undefined) return null;
  return { topic: first.topic, deliveries: Number(first.deliveries), firstAt: first.received_at };
}

async function readValueBasis(
  tx: Prisma.TransactionClient,
  { shopId, settingsVersion: version }: EventRow,
): Promise<EventContext["valueBasis"]> {
  const shop = await tx.shop.findUnique({ where: { id: shopId } });
  const stored =
    shop?.settingsVersion === version
      ? shop
      : await tx.settingsVersion.findUnique({ where: { shopId_version: { shopId, version } } });
  const settings = shopSettings.safeParse(stored?.settings);
  return settings.success ? settings.data.value_basis : null;
}

/** What decides what a person may do with an event. */
interface ActionFacts {
  state: EventState;
  reason: string | null;
  kind: string;
  /** Only an order can be read again from Shopify. */
  orderId: string | null;
  /** Unix seconds. */
  eventTime: number;
  nowSeconds: number;
  /** Its body is kept and can be opened. */
  hasPayload: boolean;
  /** When it is tried next; unix milliseconds. */
  nextAtMs: number | null;
  connection: "none" | "active" | "paused";
}

/** Why something can't be done. */
const ACTION_BARS = [
  "accepted",
  "late",
  "no_body",
  "sending",
  "due",
  "paused",
  "not_connected",
  "no_order",
  "consent_refused",
  "redacted",
  "duplicate",
] as const;

export type ActionBar = (typeof ACTION_BARS)[number];

/** Null: the action does not apply to an event in this state. */
type ActionOffer = "offered" | ActionBar | null;

export interface EventActions {
  /** Sends it now instead of at the next retry. */
  sendNow: ActionOffer;
  /** The same body under the same id. */
  sendAgain: ActionOffer;
  /** A body built anew from the order, under the same id. */
  rebuild: ActionOffer;
}

export type ActionName = keyof EventActions;

/** What a person may do with an event. Asked for the screen, and again before it is done. */
function decideActions(facts: ActionFacts): EventActions {
  return {
    sendNow: decideSendNow(facts),
    sendAgain: decideSendAgain(facts),
    rebuild: facts.state === "rejected" || facts.state === "skipped" ? decideRebuild(facts) : null,
  };
}

function decideSendNow({ state, connection, nextAtMs, nowSeconds }: ActionFacts): ActionOffer {
  if (state === "sending") return "sending";
  if (state !== "held" && state !== "pending") return null;
  if (connection === "none") return "not_connected";
  if (connection === "paused") return "paused";
  return nextAtMs !== null && nextAtMs <= nowSeconds * 1_000 ? "due" : "offered";
}

/**
 * An event that waits or was skipped has another action, so the page says nothing about this one.
 */
function decideSendAgain(facts: ActionFacts): ActionOffer {
  const { state, hasPayload } = facts;
  const bar = findReplayBar({ state, isLate: isLate(facts), hasPayload });
  if (bar === "waiting" || bar === "skipped") return null;
  return bar ?? "offered";
}

function decideRebuild(facts: ActionFacts): ActionOffer {
  const barred = NEVER_REBUILT_REASONS.find((reason) => reason === facts.reason);
  if (facts.state === "skipped" && isActionBar(barred)) return barred;
  if (facts.kind !== "checkout" || facts.orderId === null) return "no_order";
  return isLate(facts) ? "late" : "offered";
}

function isActionBar(reason: SkipReason | undefined): reason is SkipReason & ActionBar {
  return ACTION_BARS.some((bar) => bar === reason);
}

function isLate({ eventTime, nowSeconds }: ActionFacts): boolean {
  return isTooOld(eventTime, nowSeconds);
}
