import type { PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person } from "#app/outbox/redact/find-person.server.ts";
import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { commitEvents, purchase } from "#test/support/outbox-fixture.ts";
import { keyring, ORDER, openPrivacy } from "./privacy-fixture.ts";

/** Larger ones by hand; docs/reliability.md has what they took. */
const ORDERS = Number(process.env["ORDERS"] ?? 300);
const OTHERS = Number(process.env["OTHERS"] ?? 500);
const PATIENT_MS = 30_000 + ORDERS * 20;

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const personOf = (orderIds: string[]): Person => ({
  customerId: null,
  orderIds,
  traceKeys: [],
  matchKeys: {},
  hashId: () => [],
  askedAt: new Date(),
});

/** A shop with so many orders of one customer, and with other events. */
async function makeCustomer(orders: number, others: number) {
  const shop = await openPrivacy(db).newShop();
  const start = 7_000_000_000_000 + Number(shop.id) * 1_000_000;
  const orderIds = Array.from({ length: orders }, (_, n) => String(start + n));
  for (let at = 0; at < orders; at += 500) {
    const some = orderIds.slice(at, at + 500);
    await commitEvents(
      { db, keyring },
      shop,
      some.map((id) => purchase(id)),
    );
  }
  const fill = (sql: string) =>
    db.upkeep.pool.query(sql.replaceAll("others", `generate_series(1, ${others})`), [shop.id]);
  await fill(`insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, state,
      event_time, settings_version, payload_drop_on, order_id)
    select lane, id, 'checkout', 'x' || i, 'order-x-' || i, 'order', 'web', 'accepted',
      extract(epoch from now())::bigint - i % 2000000, 1, current_date + 9 + i % 2, 'x' || i
    from shop, others i where id = $1`);
  await fill(`insert into event_payload (event_ref, shop_id, drop_on, body, persons)
    select id, shop_id, payload_drop_on, decode(repeat('ab', 900), 'hex'), array[id, -id]
    from event where shop_id = $1 and source_key like 'x%'`);
  return { shop, orderIds, fill };
}

interface PlanNode {
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Join Filter"?: number;
  Plans?: PlanNode[];
}

/** How many rows the nodes of a plan looked at: of tables, and of lists with which others are compared. */
function countRows(node: PlanNode): number {
  const { "Rows Removed by Filter": filtered = 0, "Rows Removed by Join Filter": joined = 0 } =
    node;
  const own = (node["Actual Rows"] + filtered + joined) * node["Actual Loops"];
  return (node.Plans ?? []).reduce((sum, below) => sum + countRows(below), own);
}

/** How much the redaction of so many orders looks at, in pages that are small beside their number. */
async function countWork(orders: number): Promise<number> {
  const { shop, orderIds } = await makeCustomer(orders, 10_000);
  await db.upkeep.pool.query("analyze event, event_payload, receipt");
  let work = 0;
  await db.transaction(async (client) => {
    const query = async (text: string | { text: string }, values?: unknown[]) => {
      if (typeof text !== "string") return client.query(text);
      await client.query("savepoint counted");
      const explain = `explain (analyze, timing off, format json) ${text}`;
      const { rows } = await client.query(explain, values);
      work += countRows(rows[0]["QUERY PLAN"][0].Plan);
      await client.query("rollback to counted");
      return client.query(text, values);
    };
    const counting = {
      pool: { query },
      transaction: (write: (client: PoolClient) => unknown) =>
        write({ query } as unknown as PoolClient),
    } as unknown as TestDatabase;
    const sizes = { pageSize: 20, ordersAtOnce: 300 };
    const removed = await redactPerson({ db: counting, keyring }, shop, personOf(orderIds), sizes);
    expect(removed).toMatchObject({ events: orders, payloads: orders, receipts: orders });
  });
  return work;
}

test("to redact twice as many orders of a customer is twice the work, not four times", async () => {
  const [once, twice] = [await countWork(300), await countWork(600)];
  expect(twice / once).toBeLessThan(3);
});

test(
  "a customer of very many orders is redacted in one try, and the shop's other orders stay",
  async () => {
    const privacy = openPrivacy(db);
    const { shop, orderIds, fill } = await makeCustomer(ORDERS, OTHERS);
    await fill(`insert into receipt (received_on, shop_id, topic, webhook_id, outcome, source_key)
      select current_date - i % 20, $1, 'orders/create', gen_random_uuid()::text, 'stored', 'x' || i
      from others i`);
    await fill(`insert into audit_entry (shop_id, actor, action, after)
      select $1, 'cli', 'event.reveal', jsonb_build_object('event_id', 'order-x-' || i)
      from others i where i <= 5000`);
    const customer = `{"customer":{"id":1234,"email":"b@c.example"},"orders_to_redact":[${orderIds}]}`;
    const id = await privacy.receive(shop, "customers/redact", customer);
    const startedAt = performance.now();
    await privacy.act();
    process.stdout.write(
      `${ORDERS} orders of ${ORDERS + OTHERS}: ${Math.round(performance.now() - startedAt)} ms\n`,
    );
    expect(await privacy.requestRow(id)).toMatchObject({
      state: "done",
      tries: 1,
      removed: { events: ORDERS, payloads: ORDERS, receipts: ORDERS },
    });
    const { rows } = await db.upkeep.pool.query(
      `select count(*)::integer as n, count(p.*)::integer as kept from event e left join event_payload p
        on p.drop_on = e.payload_drop_on and p.event_ref = e.id where e.shop_id = $1 and e.order_id is not null`,
      [shop.id.toString()],
    );
    expect(rows).toEqual([{ n: OTHERS, kept: OTHERS }]);
  },
  PATIENT_MS,
);

test("a receipt that was committed after the others were looked for names nobody", async () => {
  const privacy = openPrivacy(db);
  const shop = await privacy.newShop();
  await commitEvents({ db, keyring }, shop, [purchase(ORDER)]);
  let isLate = false;
  const query = async (text: string, values: unknown[]) => {
    const result = await db.pool.query(text, values);
    if (!isLate && String(text).startsWith("update receipt")) {
      isLate = true;
      // As by a transaction that began before the order was remembered.
      await db.pool.query(
        `insert into receipt (shop_id, topic, webhook_id, outcome, source_key)
          values ($1, 'orders/paid', 'late', 'duplicate', $2)`,
        [shop.id.toString(), ORDER],
      );
    }
    return result;
  };
  const slow = { pool: { query }, transaction: db.transaction } as unknown as TestDatabase;
  const removed = await redactPerson({ db: slow, keyring }, shop, personOf([ORDER ?? ""]));
  expect(removed).toMatchObject({ events: 1, receipts: 2 });
  expect(privacy.found(await privacy.rowsOf(shop))).toEqual([]);
});
