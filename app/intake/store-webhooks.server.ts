import { setImmediate as nextTurn } from "node:timers/promises";
import type { StoreEvent } from "#app/events/store-event.ts";
import { type Visit, visitKey } from "#app/events/visit.ts";
import { type ReadWebhook, readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { UnreadableAmountError } from "#app/mapping/choose-money.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import { signUpVisitKey, trustForm } from "#app/mapping/person/sign-up-form.server.ts";
import { traceBuyer, traceCustomer } from "#app/mapping/person/trace-customer.server.ts";
import { buildPolicy } from "#app/mapping/shop-policy.server.ts";
import type { IntakeRow, RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import type { HeldFor } from "#app/outbox/append/release-held.server.ts";
import { askByOrder, readVisits, type VisitQuestion } from "#app/outbox/read-visits.server.ts";
import type { Waker } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { loadKnownShops, type MappingShop } from "#app/shops/load-mapping-shops.server.ts";
import type { NotCommitted, Patience } from "./commit-isolating-bad-rows.server.ts";
import { commitWebhooks } from "./commit-webhooks.server.ts";
import { releaseSoon } from "./release-soon.server.ts";
import { reviveShops } from "./revive-shops.server.ts";
import { toIdentity, unreadableEvent } from "./unreadable-event.server.ts";
import type { WebhookHeaders } from "./webhook-headers.server.ts";

/** A webhook with a valid signature and valid headers. */
export interface VerifiedWebhook {
  headers: WebhookHeaders;
  body: Buffer;
}

/** `ignored`: the topic feeds no event. */
export type StoredAs =
  | RowOutcome
  | NotCommitted
  | "not_an_object"
  | "ignored"
  | "unreadable"
  | "not_installed";

export interface StoreServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  log: Logger;
  waker: Waker;
  nowMs: () => number;
  /** Serializes the reading of groups, where several are in hand. */
  serialize: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The number of webhooks that are read or mapped before other work gets a chance. */
const SLICE = 8;

/**
 * Reads and maps webhooks and stores them in one commit, one result per webhook, by index. Shops
 * and their settings are read in the same step, so that a changed setting applies from the next
 * webhook on. Rejects when the database cannot be written; one webhook whose content the database
 * rejects fails alone, and those of a shop whose rows are locked are `blocked` alone: their
 * neighbours are stored.
 */
export async function storeWebhooks(
  services: StoreServices,
  webhooks: readonly VerifiedWebhook[],
  patience: Patience = "brief",
): Promise<StoredAs[]> {
  const { results, rows } = await services.serialize(() => readGroup(services, webhooks));
  const outcomes = await commitWebhooks(
    services,
    rows.map(({ row }) => row),
    patience,
  );
  for (const [position, { index, isReadable }] of rows.entries()) {
    const outcome = outcomes[position] ?? "failed";
    const isKept = outcome !== "failed" && outcome !== "blocked";
    results[index] = isReadable || !isKept ? outcome : "unreadable";
  }
  releaseSoon(services, listHeld(rows, outcomes));
  return results;
}

/** Lists what was stored to wait: the browser may have told of it while the order was mapped. */
function listHeld(
  rows: ReadGroup["rows"],
  outcomes: readonly (RowOutcome | NotCommitted)[],
): HeldFor[] {
  return rows.flatMap(({ row: { shop, mapped } }, place) => {
    if (mapped?.outcome.kind !== "send" || outcomes[place] !== "stored") return [];
    const { sourceKey, outcome } = mapped;
    if (outcome.heldForBrowser === undefined) return [];
    const { checkoutToken, cartToken } = outcome.heldForBrowser;
    const keys = [
      ...(checkoutToken === null ? [] : [visitKey("checkout", checkoutToken)]),
      visitKey("order", sourceKey),
      ...(cartToken === null ? [] : [visitKey("cart", cartToken)]),
    ];
    return keys.map((key) => ({ shopId: shop.id, key }));
  });
}

interface ReadGroup {
  /** Results by index; those of `rows` are not known yet. */
  results: StoredAs[];
  rows: { index: number; row: IntakeRow; isReadable: boolean }[];
}

async function readGroup(
  services: StoreServices,
  webhooks: readonly VerifiedWebhook[],
): Promise<ReadGroup> {
  const domains = [...new Set(webhooks.map(({ headers }) => headers.shopDomain))];
  // The bodies are read while the database looks for their shops.
  const [known, reads] = await Promise.all([
    loadKnownShops(services.db.pool, domains),
    inSlices(webhooks, ({ headers, body }) => readWebhook(headers.topic, body)),
  ]);
  const shops = await reviveShops(services, known, webhooks);
  const visits = await findVisits(services, shops, webhooks, reads);
  const rows: ReadGroup["rows"] = [];
  const results = await inSlices(webhooks, ({ headers }, index): StoredAs => {
    const read = reads[index] as ReadWebhook;
    if (read.kind === "not_an_object") return "not_an_object";
    if (read.kind === "unused") return "ignored";
    const shop = shops.get(headers.shopDomain);
    if (shop === undefined || shop.uninstalledAt !== null) return "not_installed";
    const isReadable = read.kind === "store_event";
    const visit = visits.get(index) ?? null;
    rows.push({ index, row: toRow(services, shop, headers, read, visit), isReadable });
    return "ignored";
  });
  return { results, rows };
}

/**
 * Finds the visits of the group's orders and checkouts, by index, in one query; none is asked for a
 * shop that can have none.
 */
async function findVisits(
  services: StoreServices,
  shops: ReadonlyMap<string, MappingShop>,
  webhooks: readonly VerifiedWebhook[],
  reads: readonly ReadWebhook[],
): Promise<Map<number, Visit | null>> {
  const indexes: number[] = [];
  const questions: VisitQuestion[] = [];
  for (const [index, read] of reads.entries()) {
    const shop = shops.get(webhooks[index]?.headers.shopDomain ?? "");
    if (shop?.mayHaveVisits !== true || read.kind !== "store_event") continue;
    const question = askForVisit(shop, read.event);
    if (question === null) continue;
    indexes.push(index);
    questions.push(question);
  }
  if (questions.length === 0) return new Map();
  const { db, keyring, log } = services;
  const visits = await readVisits({ pool: db.pool, keyring, log }, questions);
  return new Map(
    indexes.map((index, place) => {
      const visit = visits[place] ?? null;
      const isOfForm = questions[place]?.signUp !== undefined;
      return [index, isOfForm ? visit && trustForm(visit) : visit];
    }),
  );
}

function askForVisit(shop: MappingShop, event: StoreEvent): VisitQuestion | null {
  const { id: shopId } = shop;
  if (event.kind === "customer_created") {
    const { shopper, createdAtSeconds: atSeconds } = event.customer;
    const key = signUpVisitKey(buildPolicy(shop), shopper);
    const nothing = { checkoutToken: null, cartToken: null, orderId: null };
    return key === null ? null : { shopId, ...nothing, signUp: { key, atSeconds } };
  }
  if ("order" in event) return askByOrder(shopId, event.order);
  const { checkoutToken, cartToken } = event.checkout;
  return { shopId, checkoutToken, cartToken, orderId: null };
}

/** Maps a few at a time, so that the database's answers to another group are handled in between. */
async function inSlices<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    if (index % SLICE === SLICE - 1) await nextTurn();
  }
  return results;
}

function toRow(
  services: StoreServices,
  shop: MappingShop,
  headers: WebhookHeaders,
  read: Extract<ReadWebhook, { kind: "store_event" | "unreadable" }>,
  visit: Visit | null,
): IntakeRow {
  const { topic, webhookId, triggeredAt } = headers;
  const row = { topic, webhookId, triggeredAt, note: null, trace: null };
  const nowSeconds = Math.floor(services.nowMs() / 1_000);
  const policy = buildPolicy(shop);
  if (read.kind === "unreadable") {
    const mapped = unreadableEvent(read, webhookId, nowSeconds);
    const trace = read.buyer && traceBuyer(read.buyer, policy, nowSeconds);
    return { ...row, shop, note: read.problem, mapped, trace };
  }
  try {
    const mapped = mapStoreEvent(read.event, policy, nowSeconds, visit);
    return { ...row, shop, mapped, trace: traceCustomer(read.event, mapped, policy) };
  } catch (error) {
    const isOdd = error instanceof UnreadableAmountError;
    if (!isOdd) {
      services.log.error({ err: error, topic, webhookId }, "mapping failed: kept as unreadable");
    }
    const mapped = unreadableEvent(toIdentity(read.event), webhookId, nowSeconds);
    if (!isOdd) return { ...row, shop, note: "it could not be mapped", mapped };
    // A buyer with an unreadable amount has still bought.
    const trace = traceCustomer(read.event, null, policy);
    return { ...row, shop, note: error.message, mapped, trace };
  }
}
