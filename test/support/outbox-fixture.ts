import { randomBytes } from "node:crypto";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import { computeLane } from "#app/events/lane.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { commitIntake } from "#app/outbox/append/commit-intake.server.ts";
import type { IntakeRow, RowOutcome, RowShop } from "#app/outbox/append/intake-row.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createKeyring, type DataKeys, type Keyring } from "#app/platform/keyring.server.ts";
import { createWrappingKeys } from "#app/platform/keys/wrapping-keys.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { connectIn } from "#app/shops/connection/connect-ad-account.server.ts";
import { type FoundShop, findShop } from "#app/shops/find-shop.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";

/** Allows for a busy machine; only tests that say so lock a row for long. */
const LOCK_TIMEOUT_MS = 30_000;
const WAKE_WITHIN_MS = 30_000;

export const TOKEN = "pina_test_token_of_the_shop";

const KEY = randomBytes(32);

/** The keys of a process of the installation under test. */
export function testKeyring(): Keyring {
  return createKeyring([{ id: "test", key: KEY }]);
}

/** A key that no other process has: it decrypts nothing of theirs, and they nothing of what it encrypted. */
export function strangeKeyring(): Keyring {
  const key = { id: "strange", key: randomBytes(32) };
  const keyring = createKeyring([key]);
  const { wrap } = createWrappingKeys([key]);
  const encrypt: DataKeys["encrypt"] = (_owner, plain, identity) => wrap(plain, identity);
  return {
    ...keyring,
    encrypt: async (_db, _owner, plain, identity) => wrap(plain, identity),
    ensure: async (db, owners) => ({
      ...(await keyring.load(db, owners)),
      encrypt,
      digest: () => "0",
    }),
  };
}

let shopsMade = 0;

/** Installs a shop with a name of its own and connects it, unless `adAccountId` is null. */
export async function makeShop(
  services: { db: Database; keyring: Keyring },
  options: { adAccountId?: string | null; token?: string } = {},
): Promise<RowShop & { domain: string; adAccountId: string }> {
  shopsMade += 1;
  const domain = `shop-${shopsMade}.myshopify.com`;
  const { adAccountId = String(549_700_000_000 + shopsMade), token = TOKEN } = options;
  const { id } = await installShop(services, { domain });
  if (adAccountId !== null) {
    // Nothing waits yet, and nothing is to be woken: what a test stores does that.
    const connection = { domain, adAccountId, token, actor: "test" };
    await services.db.transaction((client) => connectIn(client, services.keyring, connection));
  }
  return {
    id,
    domain,
    lane: computeLane(domain),
    settingsVersion: 1,
    payloadDays: 9,
    adAccountId: adAccountId ?? "",
    connection: adAccountId === null ? null : { adAccountId, state: "active" },
  };
}

/** A shop that is there, by its name. */
export async function shopNamed(db: Database, domain: string): Promise<FoundShop> {
  const shop = await findShop({ db }, domain);
  if (shop === null) throw new Error(`no shop ${domain}`);
  return shop;
}

/** A purchase as mapping would give it. */
export function purchase(orderId: string, changes: Partial<MappedEvent> = {}): MappedEvent {
  const eventTimeSeconds = changes.eventTimeSeconds ?? Math.floor(Date.now() / 1_000) - 60;
  const eventId = `order-${orderId}-checkout`;
  const event: ConversionEvent = {
    event_name: "checkout",
    action_source: "web",
    event_time: eventTimeSeconds,
    event_id: eventId,
    event_source_url: "https://shop.example/",
    partner_name: "ss-pinrelay",
    user_data: { em: ["86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"] },
    custom_data: { currency: "USD", value: "72.39", num_items: 1, order_id: orderId },
  };
  return {
    kind: "checkout",
    sourceKey: orderId,
    eventId,
    idSource: "order",
    source: "web",
    orderId,
    orderName: `#${orderId}`,
    actionSource: "web",
    eventTimeSeconds,
    value: "72.39",
    currency: "USD",
    keyBits: 1,
    consent: "allowed:consent.default",
    notes: "em=order;ph=!absent",
    outcome: { kind: "send", event },
    ...changes,
  };
}

export function skip(reason: SkipReason): MappedEvent["outcome"] {
  return { kind: "skip", reason };
}

let webhooksMade = 0;

export function intakeRow(
  shop: RowShop,
  mapped: MappedEvent | null,
  topic = "orders/create",
): IntakeRow {
  webhooksMade += 1;
  return {
    shop,
    topic,
    webhookId: `webhook-${webhooksMade}`,
    triggeredAt: null,
    note: null,
    mapped,
    trace: null,
  };
}

/** Commits rows as intake does, and waits until their ad accounts are awake. */
export async function commitRows(
  { db, keyring }: { db: Database; keyring: Keyring },
  rows: readonly IntakeRow[],
): Promise<RowOutcome[]> {
  const waker = createWaker({ db, log: createLogger("silent") });
  const outcomes = await commitIntake({ db, keyring, waker }, rows, LOCK_TIMEOUT_MS);
  await waker.settle(WAKE_WITHIN_MS);
  return outcomes;
}

/** Commits each event as a webhook of its own, all in one group. */
export function commitEvents(
  services: { db: Database; keyring: Keyring },
  shop: RowShop,
  events: readonly MappedEvent[],
): Promise<RowOutcome[]> {
  return commitRows(
    services,
    events.map((mapped) => intakeRow(shop, mapped)),
  );
}

/** Lets every wait of the outbox be over: what is due in the future is due now. */
export async function skipWaiting(db: Database): Promise<void> {
  await db.pool.query("update event set next_at = now() where state in ('held', 'pending')");
  await db.pool.query(
    "update due_account set next_at = least(next_at, now()), not_before = '-infinity' where next_at <> 'infinity' or not_before <> '-infinity'",
  );
}

export interface EventState {
  event_id: string;
  state: string;
  reason: string | null;
  attempts: number;
}

export async function readStates(db: Database, shopId: bigint): Promise<EventState[]> {
  const { rows } = await db.pool.query<EventState>(
    "select event_id, state, reason, attempts from event where shop_id = $1 order by event_id",
    [shopId.toString()],
  );
  return rows;
}

/**
 * Compares the counters with a recount of the events: empty if every event is counted once, in its
 * state, of all shops or of some. Received = accepted + rejected + skipped + expired + pending follows from it.
 */
export async function miscounts(
  db: Pick<Database, "pool">,
  shopIds: readonly bigint[] | null = null,
): Promise<unknown[]> {
  const ofShops = "where $1::bigint[] is null or shop_id = any($1)";
  const { rows } = await db.pool.query(
    `select * from (
        select shop_id, kind, source, state, case when state in ('skipped', 'expired') then coalesce(reason, '') else '' end as reason,
          count(*)::bigint as n from event ${ofShops} group by 1, 2, 3, 4, 5) recount
      full join (
        select shop_id, kind, source, state, reason, sum(n)::bigint as counted from count_bucket ${ofShops}
        group by 1, 2, 3, 4, 5 having sum(n) <> 0) counters using (shop_id, kind, source, state, reason)
      where recount.n is distinct from counters.counted`,
    [shopIds?.map(String) ?? null],
  );
  return rows;
}
