import { afterAll, beforeAll, expect, test } from "vitest";
import { sendPastOrder, showPastOrder } from "#app/admin/send/send-past-order.server.ts";
import { sendOrderTexts } from "#app/admin/send/texts.ts";
import { pastOrderFaults } from "#app/admin/shell/find-past-order.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { acceptedOf } from "#test/integration/shopify/flow-fixture.ts";
import { type OrderOptions, orderBody } from "#test/sandbox/sample-orders.ts";
import { startIntakeServer } from "#test/support/intake-server.ts";
import { readStates, skipWaiting } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { openSendWorld, type SendWorld } from "./send-world.ts";

let world: SendWorld;

beforeAll(async () => {
  world = await openSendWorld();
});
afterAll(() => world?.close());

type Merchant = Awaited<ReturnType<SendWorld["openMerchant"]>>;

/** An order that Shopify has; `isDelivered`: and has told us of, and Pinterest has accepted. */
async function placeOrder(
  who: Merchant,
  options: Omit<OrderOptions, "id">,
  { isDelivered = false } = {},
) {
  const order = { ...orderBody({ id: 5_210_499_102, ...options }), name: "#1042" };
  world.records.putOrder(who.shop.domain, order);
  if (!isDelivered) return;
  const intake = await startIntakeServer(world);
  await intake.deliver("orders/create", who.shop.domain, order);
  await intake.close();
  await skipWaiting(world.db);
  await eventually(async () => {
    const [event] = await readStates(world.db, who.shop.id);
    return event?.state === "accepted" ? event : undefined;
  });
}

async function shown(who: Merchant, name = "1042") {
  const result = await showPastOrder(world.services, who, name);
  if (!result.ok) throw new Error(result.fault);
  return result.view;
}

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
const dataOf = (body: string | null | undefined) => JSON.parse(body ?? "null")?.data;

test("an order that was sent is shown as the body that was sent, browser data and click ID with it", async () => {
  const who = await world.openMerchant();
  const landingSite = "/collections/plates?epik=dj0yJnU9Y2FuYXJ5";
  await placeOrder(who, { landingSite, createdAt: daysAgo(1) }, { isDelivered: true });
  const view = await shown(who, "#1042");
  const [accepted] = acceptedOf(world.pinterest, who);
  expect(accepted?.event).toMatchObject({
    user_data: { click_id: "dj0yJnU9Y2FuYXJ5", client_ip_address: expect.any(String) },
  });
  expect(dataOf(view.body)).toEqual([accepted?.event]);
  expect(view.standing).toBe("This order's event: Accepted by Pinterest");
  expect(view.eventId).toBe("order-5210499102-checkout");
  expect(view.leftOut).toEqual([]);
});

test("an order that never came says what Shopify does not tell of it, and why else a key is left out", async () => {
  const who = await world.openMerchant();
  await placeOrder(who, { createdAt: daysAgo(2) });
  const { leftOut } = await shown(who);
  expect(leftOut).toContain("IP address: Shopify does not tell it when an order is read again");
  await placeOrder(who, { sourceName: "pos", createdAt: daysAgo(2) });
  expect((await shown(who)).leftOut).toContain(
    "IP address: it would be that of your staff (Point of Sale)",
  );
});

test("an order that Pinterest accepted is never sent live again, whatever a page asks for", async () => {
  const who = await world.openMerchant();
  await placeOrder(who, { createdAt: daysAgo(1) }, { isDelivered: true });
  expect((await shown(who)).barred).toEqual({ test: null, live: sendOrderTexts.live.accepted });
  const before = world.requestsOf(who.adAccountId).length;
  const sent = await sendPastOrder(world.services, who, "1042", "live");
  expect(sent).toMatchObject({ ok: true, report: null });
  expect(world.requestsOf(who.adAccountId)).toHaveLength(before);
});

test("an order that never came is sent live once, under the order's own ID", async () => {
  const who = await world.openMerchant();
  await placeOrder(who, { createdAt: daysAgo(2) });
  const view = await shown(who);
  expect(view).toMatchObject({ verdict: "Would be sent", barred: { test: null, live: null } });
  const send = () => sendPastOrder(world.services, who, "#1042", "live");
  const results = await Promise.all([send(), send()]);
  expect(results).toContainEqual(
    expect.objectContaining({ report: expect.objectContaining({ isStored: true }) }),
  );
  const accepted = await eventually(() => acceptedOf(world.pinterest, who)[0]);
  expect(accepted).toMatchObject({ eventId: "order-5210499102-checkout", count: 1 });
  expect([accepted.event]).toEqual(dataOf(view.body));
});

test("demo sends nothing, test sends the same body with test=true", async () => {
  const who = await world.openMerchant();
  await placeOrder(who, { createdAt: daysAgo(2) });
  const demo = await sendPastOrder(world.services, who, "1042", "demo");
  expect(world.requestsOf(who.adAccountId)).toEqual([]);
  const tested = await sendPastOrder(world.services, who, "1042", "test");
  expect(world.requestsOf(who.adAccountId).map((request) => request.test)).toEqual([true]);
  if (!demo.ok || !tested.ok) throw new Error("the order was not found");
  expect(demo.report?.body).toBe(demo.view.body);
  expect(tested.report).toMatchObject({ body: demo.view.body, tone: "success" });
});

test("an order older than seven days is a dry run only, and is shown all the same", async () => {
  const who = await world.openMerchant();
  const createdAt = daysAgo(20);
  await placeOrder(who, { createdAt });
  const view = await shown(who);
  const { dryOnly } = sendOrderTexts.live;
  expect(view).toMatchObject({
    verdict: "Would be sent",
    barred: { test: dryOnly, live: dryOnly },
  });
  expect(dataOf(view.body)[0].event_time).toBe(Math.floor(createdAt.getTime() / 1_000));
  for (const mode of ["test", "live"] as const) {
    await sendPastOrder(world.services, who, "1042", mode);
  }
  expect(world.requestsOf(who.adAccountId)).toEqual([]);
});

test("an order that the settings of today keep back says which rule it is", async () => {
  const who = await world.openMerchant();
  await placeOrder(who, { sourceName: "pos", createdAt: daysAgo(1) });
  const { domain } = who.shop;
  expect((await shown(who)).isHeldBack).toBe(false);
  await changeSettings(world, { domain, changes: { "source.pos": "skip" }, actor: "test" });
  const view = await shown(who);
  expect(view).toMatchObject({
    verdict: "Would not be sent: your rule skips Point of Sale orders",
    body: null,
  });
  expect((await sendPastOrder(world.services, who, "1042", "demo")).ok).toBe(true);
});

test("a number that Shopify does not know, or none, is answered under the field", async () => {
  const who = await world.openMerchant();
  const fault = async (name: string) => {
    const result = await showPastOrder(world.services, who, name);
    return result.ok ? null : result.fault;
  };
  expect(await fault("")).toBe(pastOrderFaults.missing);
  expect(await fault("#9999")).toMatch(/no order #9999/);
});
