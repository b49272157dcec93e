import { setImmediate as nextTurn } from "node:timers/promises";
import { deriveEventId, SOURCE_KINDS } from "#app/events/event-id.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { StoreEvent } from "#app/events/store-event.ts";
import {
  type ReadWebhook,
  readWebhook,
  type Unreadable,
} from "#app/intake/read/read-webhook.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import { traceCustomer } from "#app/mapping/person/trace-customer.server.ts";
import { commitIntake } from "#app/outbox/append/commit-intake.server.ts";
import type { IntakeRow, RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { type IntakeShop, readKnownShops } from "#app/shops/shops-for-intake.server.ts";
import { reviveShops } from "./revive-shops.server.ts";
import type { WebhookHeaders } from "./webhook-headers.server.ts";

/** A webhook whose signature and headers are as they should be. */
export interface VerifiedWebhook {
  headers: WebhookHeaders;
  body: Buffer;
}

/** `ignored`: of a topic that feeds no event. */
export type StoredAs =
  | RowOutcome
  | "not_an_object"
  | "ignored"
  | "unreadable"
  | "not_installed"
  | "failed";

export interface StoreServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  log: Logger;
  nowMs: () => number;
  /** Runs what reads a group, where several are under way, one after the other. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Webhooks that are read before the database's answers to another group get their turn. */
const SLICE = 8;

/**
 * Reads and maps webhooks and stores them in one commit, one result per webhook, by index. Shops
 * and their settings are read in the same go, so that a changed setting holds from the next webhook
 * on. Rejects when the database cannot be written; one webhook that the database refuses for its
 * content fails alone, its neighbours are stored.
 */
export async function storeWebhooks(
  services: StoreServices,
  webhooks: readonly VerifiedWebhook[],
): Promise<StoredAs[]> {
  const domains = [...new Set(webhooks.map(({ headers }) => headers.shopDomain))];
  const known = await readKnownShops(services.db.pool, domains);
  const shops = await reviveShops(services, known, webhooks);
  const { results, rows } = await services.inTurn(() => readGroup(services, shops, webhooks));
  const outcomes = await commitApart(
    services,
    rows.map(({ row }) => row),
  );
  for (const [position, { index, isReadable }] of rows.entries()) {
    const outcome = outcomes[position] ?? "failed";
    results[index] = isReadable || outcome === "failed" ? outcome : "unreadable";
  }
  return results;
}

interface ReadGroup {
  /** By index; of what is in `rows`, not known yet. */
  results: StoredAs[];
  rows: { index: number; row: IntakeRow; isReadable: boolean }[];
}

async function readGroup(
  services: StoreServices,
  shops: ReadonlyMap<string, IntakeShop>,
  webhooks: readonly VerifiedWebhook[],
): Promise<ReadGroup> {
  const group: ReadGroup = { results: webhooks.map(() => "ignored"), rows: [] };
  for (const [index, { headers, body }] of webhooks.entries()) {
    const read = readWebhook(headers.topic, body);
    const shop = shops.get(headers.shopDomain);
    if (read.kind === "not_an_object") group.results[index] = "not_an_object";
    else if (read.kind === "unused") group.results[index] = "ignored";
    else if (shop === undefined || shop.uninstalledAt !== null) {
      group.results[index] = "not_installed";
    } else {
      const isReadable = read.kind === "store_event";
      group.rows.push({ index, row: toRow(services, shop, headers, read), isReadable });
    }
    if (index % SLICE === SLICE - 1) await nextTurn();
  }
  return group;
}

function toRow(
  services: StoreServices,
  shop: IntakeShop,
  headers: WebhookHeaders,
  read: Extract<ReadWebhook, { kind: "store_event" | "unreadable" }>,
): IntakeRow {
  const { topic, webhookId, triggeredAt } = headers;
  const row = { topic, webhookId, triggeredAt, note: null, trace: null };
  const nowSeconds = Math.floor(services.nowMs() / 1_000);
  if (read.kind === "unreadable") {
    const mapped = unreadableEvent(read, webhookId, nowSeconds);
    return { ...row, shop, note: read.problem, mapped };
  }
  const policy = {
    shopDomain: shop.domain,
    primaryDomain: shop.primaryDomain,
    countryCode: shop.countryCode,
    settings: shop.settings,
  };
  try {
    const mapped = mapStoreEvent(read.event, policy, nowSeconds);
    return { ...row, shop, mapped, trace: traceCustomer(read.event, mapped, policy) };
  } catch (error) {
    services.log.error({ err: error, topic, webhookId }, "mapping failed: kept as unreadable");
    const mapped = unreadableEvent(identityOf(read.event), webhookId, nowSeconds);
    return { ...row, shop, note: "it could not be mapped", mapped };
  }
}

type SourceIdentity = Pick<Unreadable, "sourceKey" | "orderId"> & { eventName: string };

function identityOf(event: StoreEvent): SourceIdentity {
  switch (event.kind) {
    case "order_created":
    case "order_paid":
    case "order_cancelled":
      return { eventName: "checkout", sourceKey: event.order.id, orderId: event.order.id };
    case "checkout_started":
      return { eventName: "initiate_checkout", sourceKey: event.checkout.token, orderId: null };
    case "customer_created":
      return { eventName: "signup", sourceKey: event.customer.id, orderId: null };
  }
}

/**
 * The row that keeps an unreadable webhook in sight: skipped, under the id that its event would
 * have, so that a readable webhook of the same order takes its place.
 */
function unreadableEvent(
  { eventName, sourceKey, orderId }: SourceIdentity,
  webhookId: string,
  nowSeconds: number,
): MappedEvent {
  const sourceKind = SOURCE_KINDS[eventName as keyof typeof SOURCE_KINDS];
  const key = sourceKey ?? `webhook-${webhookId}`;
  return {
    kind: eventName,
    sourceKey: key,
    eventId: deriveEventId(sourceKind, key, eventName),
    idSource: "order",
    source: "unknown",
    orderId,
    orderName: null,
    actionSource: null,
    eventTimeSeconds: nowSeconds,
    value: null,
    currency: null,
    keyBits: 0,
    consent: null,
    notes: "",
    outcome: { kind: "skip", reason: "unreadable" },
  };
}

/**
 * SQLSTATE classes that speak of the content of a row: data exception, limit exceeded. All else (no
 * connection, disk full, time-out) speaks of the database, and Shopify is asked to come again.
 */
const CONTENT_FAULTS = new Set(["22", "54"]);
/** Deadlock, serialization failure: the same again will do. */
const PASSING_FAULTS = new Set(["40"]);

async function commitApart(
  services: StoreServices,
  rows: readonly IntakeRow[],
): Promise<(RowOutcome | "failed")[]> {
  if (rows.length === 0) return [];
  try {
    return await commitIntake(services, rows);
  } catch (error) {
    const sqlState = String((error as { code?: unknown }).code ?? "").slice(0, 2);
    if (PASSING_FAULTS.has(sqlState)) return commitIntake(services, rows);
    if (!CONTENT_FAULTS.has(sqlState)) throw error;
    const [first, ...rest] = rows;
    if (first !== undefined && rest.length === 0)
      return [await commitRefused(services, first, error)];
    const middle = Math.ceil(rows.length / 2);
    const left = await commitApart(services, rows.slice(0, middle));
    return [...left, ...(await commitApart(services, rows.slice(middle)))];
  }
}

/** The one row that the database refuses: its receipt is kept without what it refused. */
async function commitRefused(
  services: StoreServices,
  row: IntakeRow,
  error: unknown,
): Promise<RowOutcome | "failed"> {
  const { topic, webhookId } = row;
  services.log.error({ err: error, topic, webhookId }, "the database refused a webhook's content");
  if (row.mapped === null || row.note === REFUSED) return "failed";
  const { kind, eventTimeSeconds } = row.mapped;
  const identity = { eventName: kind, sourceKey: null, orderId: null };
  const mapped = unreadableEvent(identity, webhookId, eventTimeSeconds);
  const [outcome] = await commitApart(services, [{ ...row, note: REFUSED, mapped, trace: null }]);
  return outcome ?? "failed";
}

const REFUSED = "the database refused its content";
