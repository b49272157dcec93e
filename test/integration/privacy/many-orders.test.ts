import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { commitEvents, purchase } from "#test/support/outbox-fixture.ts";
import { keyring, openPrivacy } from "./privacy-fixture.ts";

/** Larger ones by hand; docs/reliability.md has what they took. */
const ORDERS = Number(process.env["ORDERS"] ?? 2_600);
const OTHERS = Number(process.env["OTHERS"] ?? 2_000);
const PATIENT_MS = 30_000 + ORDERS * 20;

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

test(
  "a customer of very many orders is redacted in one try, and the shop's other orders stay",
  async () => {
    const privacy = openPrivacy(db);
    const shop = await privacy.newShop();
    const orderIds = Array.from({ length: ORDERS }, (_, n) => String(7_000_000_000_000 + n));
    for (let at = 0; at < ORDERS; at += 500) {
      const some = orderIds.slice(at, at + 500);
      await commitEvents(
        { db, keyring },
        shop,
        some.map((id) => purchase(id)),
      );
    }
    const fill = (sql: string) =>
      db.upkeep.pool.query(sql.replaceAll("others", `generate_series(1, ${OTHERS})`), [shop.id]);
    await fill(`insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, state,
        event_time, settings_version, payload_drop_on, order_id)
      select lane, id, 'checkout', 'x' || i, 'order-x-' || i, 'order', 'web', 'accepted',
        extract(epoch from now())::bigint - i % 2000000, 1, current_date + 9, 'x' || i
      from shop, others i where id = $1`);
    await fill(`insert into event_payload (event_ref, shop_id, drop_on, body, persons)
      select id, shop_id, payload_drop_on, decode(repeat('ab', 900), 'hex'), array[id, -id]
      from event where shop_id = $1 and source_key like 'x%'`);
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
