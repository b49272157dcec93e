import { hash } from "node:crypto";
import { deriveEventId } from "#app/events/event-id.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { visitKey } from "#app/events/visit.ts";
import { listTraceKeys } from "#app/mapping/person/trace-customer.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import { createPinterestClient } from "#app/pinterest/client.server.ts";
import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { actOnRequests } from "#app/privacy/act-on-requests.server.ts";
import { answerIdentity, requestIdentity } from "#app/privacy/privacy-request.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import type { TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  commitRows,
  intakeRow,
  makeShop,
  purchase,
  skipWaiting,
  testKeyring,
} from "#test/support/outbox-fixture.ts";
import { seedVisit } from "#test/support/visit-fixture.ts";

type TestShop = Awaited<ReturnType<typeof makeShop>>;

export const keyring = testKeyring();
const log = createLogger("silent");
export const [ORDER, WAITING, OTHERS] = [
  "5550000000000000017",
  "5550000000000000018",
  "7770000000003",
];
export const [CUSTOMER, EMAIL] = ["8880000000001", "ada.canary@privacy.example"];
export const PHONE = "+49 (0)151 23456789";
export const CART = "cartcanary0001";
const [TOKEN, COMPLETED] = ["tokencanary0001", "sh-completed-canary"];
/** Whatever of this stands in a row leads to the customer. */
export const CANARIES = [ORDER, WAITING, CUSTOMER, TOKEN, CART, COMPLETED];
let webhooks = 0;

const signup = purchase(CUSTOMER, {
  kind: "signup",
  eventId: deriveEventId("customer", CUSTOMER, "signup"),
  orderId: null,
  orderName: null,
});
const started = purchase(TOKEN, {
  kind: "initiate_checkout",
  eventId: deriveEventId("checkout", TOKEN, "initiate_checkout"),
  orderId: null,
  orderName: null,
});

interface LeftEvent {
  kind: string;
  sourceKey: string;
  /** In the form in which they are hashed. Of external ids, those of digits are customers'. */
  userData: Record<string, string[]>;
}

function originOf(externalId: string): "customer" | "browser" {
  return /^\d+$/.test(externalId) ? "customer" : "browser";
}

/** A customer's data in the database, and the requests about it. */
export function openPrivacy(
  db: TestDatabase,
  apiUrl = "http://127.0.0.1:1/v5",
  app?: { id: string; secret: string },
) {
  const newShop = () => makeShop({ db, keyring });
  const pinterest = createPinterestClient({
    apiUrl,
    clientId: app?.id,
    clientSecret: app?.secret,
  });
  const { queryAsShop } = db;
  const act = () => actOnRequests({ db: { ...db.upkeep, queryAsShop }, keyring, log, pinterest });

  /** Receives a request as intake does; a body in text keeps ids that no number holds. */
  async function receive(shop: { domain: string }, topic: string, body: string, at = new Date()) {
    webhooks += 1;
    const webhookId = `request-${webhooks}`;
    const known = await findShop({ db }, shop.domain);
    const owner = known?.id ?? INSTALLATION;
    const identity = requestIdentity(shop.domain, webhookId);
    const sealed = await keyring.encrypt(db.pool, owner, body, identity);
    const { rows } = await db.pool.query(
      `insert into compliance_request (shop_domain, topic, webhook_id, state, body, triggered_at)
      values ($1, $2, $3, 'recorded', $4, $5) returning id`,
      [shop.domain, topic, webhookId, sealed, at],
    );
    return rows[0].id as bigint;
  }

  const redaction = (shop: { domain: string }) =>
    receive(
      shop,
      "customers/redact",
      `{"shop_domain":"${shop.domain}","customer":{"id":${CUSTOMER},"email":" ${EMAIL.toUpperCase()}","phone":"${PHONE}"},"orders_to_redact":[${ORDER},${WAITING}]}`,
    );

  /** The document that a merchant gets for the customer. */
  async function answerOf(shop: { domain: string }): Promise<string> {
    const id = await receive(
      shop,
      "customers/data_request",
      `{"shop_domain":"${shop.domain}","customer":{"id":${CUSTOMER},"email":"${EMAIL}","phone":"${PHONE}"},"orders_requested":[${ORDER}],"data_request":{"id":9999}}`,
    );
    await act();
    const { answer } = await requestRow(id);
    const sealed = await keyring.decrypt(db.pool, answer, answerIdentity(shop.domain, id));
    return sealed.toString("utf8");
  }

  async function requestRow(id: bigint) {
    const { rows } = await db.pool.query(
      `select state, done_at is not null as is_done, removed, body is null as has_no_body, answer, tries,
        pinterest, pinterest_at is not null as is_told, pinterest_account, pinterest_request,
        waits_for, extract(epoch from next_at - now())::integer as seconds
      from compliance_request where id = $1`,
      [id.toString()],
    );
    return rows[0];
  }

  /** A customer with an order that went out, one that waits, a sign-up and a checkout, and a neighbour. */
  async function fill(shop: TestShop): Promise<void> {
    const [key = ""] = listTraceKeys(shop.domain, { customerId: CUSTOMER, email: null });
    const trace = { keys: [key], happenedAtSeconds: 1_700_000_000, signup: CUSTOMER };
    await commitRows({ db, keyring }, [
      intakeRow(shop, purchase(ORDER)),
      intakeRow(shop, started, "checkouts/create"),
      { ...intakeRow(shop, signup, "customers/create"), trace },
      intakeRow(shop, purchase(OTHERS)),
      { ...intakeRow(shop, null, "reconciliation"), webhookId: `reconciliation-${ORDER}` },
      { ...intakeRow(shop, null, "web_pixel/checkout_completed"), webhookId: COMPLETED ?? "" },
    ]);
    await accept(shop);
    await commitEvents({ db, keyring }, shop, [purchase(WAITING)]);
    const told = { startedEventId: "sh-started", completedEventId: COMPLETED };
    for (const name of [visitKey("order", ORDER), visitKey("checkout", TOKEN)]) {
      await seedVisit(
        { db, keyring },
        { shopId: shop.id, key: name },
        { ...told, cartToken: CART },
      );
    }
    // As intake stores it: a cart may become several checkouts, and has no id of one.
    const cart = { shopId: shop.id, key: visitKey("cart", CART) };
    await seedVisit({ db, keyring }, cart, { startedEventId: null });
    await seedVisit({ db, keyring }, { shopId: shop.id, key: visitKey("order", OTHERS) });
    await remember(shop);
  }

  /** Sends what is due, with an answer that is kept. */
  async function accept(shop: TestShop): Promise<void> {
    await skipWaiting(db);
    const { due, settle } = await begin(shop);
    await settle(due);
  }

  async function begin(shop: TestShop) {
    const leases = await claimAccounts({ db }, 100);
    const lease = leases.find(({ adAccountId }) => adAccountId === shop.adAccountId);
    if (lease === undefined) throw new Error("nothing was due");
    const { due } = await readDueEvents({ db, keyring }, lease);
    const settle = (sent: typeof due) =>
      settleBatch({ db }, lease, {
        attempt: {
          shopId: shop.id,
          startedAt: new Date(),
          durationMs: 1,
          outcome: "outcomes",
          httpStatus: 200,
          pinterestCode: null,
          message: `about order-${ORDER}-checkout`,
          refs: sent.map(({ ref }) => ref),
          answers: Object.fromEntries(
            sent.map(({ ref, payload }) => {
              const message = payload.includes(String(ORDER)) ? ORDER : null;
              return [String(ref), { status: "processed", message }];
            }),
          ),
        },
        settlements: sent.map(({ ref }) => {
          return { ref, state: "accepted", reason: null, warning: null, retryInMs: null };
        }),
        release: { mayHaveMore: false, unusedAllowance: 0, pauseMs: null, failures: 0 },
      });
    return { due, settle };
  }

  /** A run and an entry of the log that name the order's event. */
  async function remember(shop: TestShop): Promise<void> {
    const eventId = deriveEventId("order", ORDER, "checkout");
    const { rows } = await db.pool.query(
      `insert into run (shop_id, kind, state, total, actor, choice)
        values ($1, 'replay', 'done', 1, 'test', $2) returning id`,
      [shop.id.toString(), JSON.stringify({ query: `q=%23${ORDER}&state=rejected` })],
    );
    await db.pool.query(
      "insert into run_item (run_id, place, shop_id, event_id, state) values ($1, 0, $2, $3, 'queued')",
      [rows[0].id, shop.id.toString(), eventId],
    );
    await db.pool.query(
      `insert into audit_entry (shop_id, actor, action, after) values ($1, 'test', 'event.reveal', $2)`,
      [shop.id.toString(), JSON.stringify({ event_id: eventId, query: `q=%23${ORDER}` })],
    );
  }

  /** Events without an order's id, of a checkout that was left or by hand; the first with its visit. */
  async function leave(shop: TestShop, left: readonly LeftEvent[]): Promise<MappedEvent[]> {
    const events = left.map(({ kind, sourceKey, userData }) => {
      const { outcome, ...base } = purchase(sourceKey);
      if (outcome.kind === "skip") throw new Error("a purchase is sent");
      const hashed = Object.entries(userData).map(([key, values]) => [
        key,
        values.map((value) => hash("sha256", value, "hex")),
      ]);
      const isByHand = sourceKey.startsWith("given:");
      const orderId = kind === "checkout" ? "A-1" : null;
      const event = { ...outcome.event, user_data: Object.fromEntries(hashed) };
      const source = isByHand ? "task" : "web";
      const ids = { kind, orderId, orderName: null, eventId: `${sourceKey}-${kind}` };
      const origins = (userData["external_id"] ?? []).map((id) => originOf(id));
      const own = { ...ids, source, notes: `em=order;external_id=${origins.join("+")}` };
      return { ...base, ...own, outcome: { kind: "send" as const, event } };
    });
    await commitEvents({ db, keyring }, shop, events);
    for (const { kind, sourceKey, userData } of left) {
      if (kind !== "initiate_checkout") continue;
      const clientId = userData["external_id"]?.find((id) => originOf(id) === "browser");
      await seedVisit(
        { db, keyring },
        { shopId: shop.id, key: visitKey("checkout", sourceKey) },
        { evidence: clientId === undefined ? {} : { clientId } },
      );
    }
    return events;
  }

  /** Accepted events without a payload, which happened after all others. */
  async function addNewerEvents({ id, lane }: TestShop, n: number): Promise<void> {
    await db.pool.query(
      `with added as (insert into event (lane, shop_id, kind, source_key, event_id, id_source, source,
          state, event_time, settings_version)
        select $2, $1, 'page_visit', 'page:' || i, 'page-' || i, 'browser', 'web', 'accepted',
          extract(epoch from now())::bigint, 1 from generate_series(1, $3) i
        returning event_time)
      insert into count_bucket (shop_id, bucket, kind, source, state, n)
        select $1, to_timestamp(event_time - event_time % 900), 'page_visit', 'web', 'accepted', count(*)
        from added group by 2`,
      [id.toString(), lane, n],
    );
  }

  /** Every row of a shop, in every table, as text. */
  async function rowsOf(shop: { id: bigint; domain: string }): Promise<string> {
    const { rows: tables } = await db.pool.query<{ name: string }>(
      `select c.relname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
      where a.attname = 'shop_id' and c.relkind in ('r', 'p') and not c.relispartition
        and c.relnamespace = current_schema()::regnamespace`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await db.pool.query<{ row: string }>(
        `select t::text as row from ${name} t where shop_id = $1`,
        [shop.id.toString()],
      );
      texts.push(...rows.map(({ row }) => `${name} ${row}`));
    }
    const { rows } = await db.pool.query<{ row: string }>(
      "select r::text as row from compliance_request r where shop_domain = $1",
      [shop.domain],
    );
    return [...texts, ...rows.map(({ row }) => row)].join("\n");
  }

  const found = (text: string) => CANARIES.filter((canary) => text.includes(canary));
  const countOf = async (table: string, shop: { id: bigint }) => {
    const { rows } = await db.pool.query(
      `select count(*)::integer as n from ${table} where shop_id = $1`,
      [shop.id.toString()],
    );
    return rows[0].n as number;
  };

  return {
    newShop,
    act,
    receive,
    answerOf,
    redaction,
    requestRow,
    fill,
    leave,
    addNewerEvents,
    begin,
    rowsOf,
    countOf,
    found,
  };
}
