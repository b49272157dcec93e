import { expect, test } from "vitest";
import { readEventDetail } from "#app/commands/show-event.server.ts";
import { makeShop, strangeKeyring } from "#test/support/outbox-fixture.ts";
import { openShopOfFiveOrders } from "./sent-events.ts";

const { db, keyring, shop } = await openShopOfFiveOrders();

test("an accepted event shows what was sent and each answer, a lost one as none", async () => {
  const detail = await readEventDetail({ db, keyring }, shop.id, "order-1-checkout");
  expect(detail?.event).toMatchObject({
    event_id: "order-1-checkout",
    id_source: "order",
    order_name: "#1",
    state: "accepted",
    match_keys: ["em"],
    consent: "allowed:consent.default",
    attempts: 1,
    next_at: null,
  });
  expect(detail?.payload).toMatchObject({
    event_id: "order-1-checkout",
    custom_data: { value: "72.39", currency: "USD", order_id: "1" },
  });
  expect(detail?.payload_status).toBe("kept");
  expect(detail?.payload_kept_until).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(detail?.attempts).toMatchObject([
    { outcome: "unknown", http_status: null, message: "no answer within 10 s", answer: null },
    {
      started_at: "2026-11-24T10:00:20.000Z",
      duration_ms: 612,
      http_status: 200,
      events: 4,
      answer: { status: "processed", message: null },
    },
  ]);
});

test.each([
  ["order-2-checkout", "accepted", { status: "processed", message: "external_id is not hashed" }],
  ["order-3-checkout", "rejected", { status: "failed", message: "currency is missing" }],
  ["order-4-checkout", "pending", { status: "failed", message: "internal error" }],
])(
  "%s, %s, shows what Pinterest said of it and not of its neighbours",
  async (id, state, answer) => {
    const detail = await readEventDetail({ db, keyring }, shop.id, id);
    expect(detail?.event.state).toBe(state);
    expect(detail?.attempts.at(-1)?.answer).toEqual(answer);
    expect(detail?.event.next_at === null).toBe(state !== "pending");
  },
);

test("a skipped event has a reason, no payload and no attempt", async () => {
  const detail = await readEventDetail({ db, keyring }, shop.id, "order-5-checkout");
  expect(detail).toMatchObject({
    event: { state: "skipped", reason: "test_order" },
    payload: null,
    payload_status: "none",
    attempts: [],
  });
});

test("an event under a lost key is shown without its payload", async () => {
  const services = { db, keyring: strangeKeyring() };
  const detail = await readEventDetail(services, shop.id, "order-1-checkout");
  expect(detail).toMatchObject({ payload: null, payload_status: "locked" });
  expect(detail?.attempts).toHaveLength(2);
});

test("a payload past its time is gone, the record of the event is not", async () => {
  await db.pool.query(
    "delete from event_payload where event_ref = (select id from event where order_id = '2')",
  );
  const detail = await readEventDetail({ db, keyring }, shop.id, "order-2-checkout");
  expect(detail).toMatchObject({
    event: { state: "accepted" },
    payload: null,
    payload_status: "dropped",
  });
});

test("another shop's event is not found", async () => {
  const other = await makeShop({ db, keyring });
  expect(await readEventDetail({ db, keyring }, other.id, "order-1-checkout")).toBeNull();
  expect(await readEventDetail({ db, keyring }, shop.id, "order-9-checkout")).toBeNull();
});
