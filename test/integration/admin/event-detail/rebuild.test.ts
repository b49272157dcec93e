import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { actOnEvent } from "#app/admin/event/act-on-event.server.ts";
import { actionBars, eventDetailTexts } from "#app/admin/event/texts.ts";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { visitKey } from "#app/events/visit.ts";
import { createPinterestClient, type PinterestClient } from "#app/pinterest/client.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import {
  acceptedOf,
  type FlowStack,
  openFlowStack,
} from "#test/integration/shopify/flow-fixture.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { type IntakeServer, startIntakeServer } from "#test/support/intake-server.ts";
import { miscounts, readStates } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { seedVisit } from "#test/support/visit-fixture.ts";
import { toldBy, viewEvent } from "./event-view-fixture.ts";

let stack: FlowStack;
let intake: IntakeServer;
let pinterest: PinterestClient;

beforeAll(async () => {
  stack = await openFlowStack();
  intake = await startIntakeServer(stack);
  pinterest = createPinterestClient({ apiUrl: stack.pinterest.url });
});
afterAll(async () => {
  await pinterest?.close();
  await intake?.close();
  await stack?.close();
});
afterEach(() => stack.pinterest.heal());

interface Placed {
  domain: string;
  adAccountId: string;
  eventId: string;
}

let orders = 8_000;

/** An order that the store told us of and that Shopify still knows. */
async function placeOrder(changes: Parameters<typeof orderBody>[0] | object = {}): Promise<Placed> {
  const { domain, adAccountId } = await stack.openShop();
  orders += 1;
  const order = orderBody({ id: orders, checkoutToken: String(orders), ...changes });
  stack.records.putOrder(domain, order);
  const eventId = `order-${orders}-checkout`;
  stack.pinterest.fail({
    kind: "poison",
    eventId,
    as: "fail_event",
    message: "currency is unclear",
  });
  const { status } = await intake.deliver("orders/create", domain, order);
  expect(status).toBe(200);
  return { domain, adAccountId, eventId };
}

/** Asks as one of the shop's staff. */
async function ask(
  { domain, eventId }: Pick<Placed, "domain" | "eventId">,
  intent: string,
  fingerprint = "",
) {
  const shop = await findShop(stack, domain);
  if (shop === null) throw new RangeError(`no shop ${domain}`);
  const config = { PINTEREST_API_URL: stack.pinterest.url };
  const merchant = {
    shop: { ...shop, timeZone: "UTC", currency: "USD" },
    actor: "user:42",
    admin: await stack.adminOf(domain),
    format: { moment: (date: Date) => ({ text: date.toISOString() }) },
  };
  const request = { eventId, kind: null, intent, fingerprint };
  return actOnEvent({ ...stack, config, pinterest }, merchant, request);
}

async function compare(placed: Placed) {
  const answer = await ask(placed, "compare");
  if (answer?.kind !== "compared") throw new RangeError(JSON.stringify(answer));
  return answer.rebuild;
}

async function stateOf({ domain }: Placed) {
  const shop = await findShop(stack, domain);
  return (await readStates(stack.db, shop?.id ?? 0n))[0];
}

const refused = (placed: Placed) =>
  eventually(async () => (await stateOf(placed))?.state === "rejected");

const sent = (placed: Placed) =>
  eventually(() => acceptedOf(stack.pinterest, placed)[0]?.event as ConversionEvent | undefined);

describe("a refused purchase", () => {
  let placed: Placed;

  beforeEach(async () => {
    placed = await placeOrder();
    await refused(placed);
    stack.pinterest.heal();
  });

  test("is rebuilt by today's settings under its own id, and the difference is what is sent", async () => {
    const { domain } = placed;
    const before = await bodyOf(placed);
    await changeSettings(stack, { domain, changes: { value_basis: "total" }, actor: "test" });
    const { rows, fingerprint, notes } = await compare(placed);
    expect(rows.map(({ key }) => key)).toEqual(["custom_data.value"]);
    expect(notes).toEqual([eventDetailTexts.dialog.keptBrowser]);
    expect((await stateOf(placed))?.state).toBe("rejected");

    expect(await ask(placed, "rebuild", fingerprint)).toEqual({
      kind: "done",
      message: eventDetailTexts.done.rebuild,
    });
    const after = await sent(placed);
    expect(after).toEqual({
      ...before,
      custom_data: { ...before.custom_data, value: rows[0]?.after },
    });
    expect(rows[0]?.before).toBe(before.custom_data?.value);
    expect(after.event_id).toBe(placed.eventId);
    expect(await miscounts(stack.db)).toEqual([]);
  });

  test("takes up what the shopper's browser has told of it since, under the id that it has", async () => {
    const shop = await findShop(stack, placed.domain);
    const key = visitKey("checkout", placed.eventId.replaceAll(/\D+/g, ""));
    const told = { completedEventId: "sh-late", evidence: { clickId: null, language: null } };
    await seedVisit(stack, { shopId: shop?.id ?? 0n, key }, told);
    const { rows, fingerprint } = await compare(placed);
    expect(rows.map((row) => row.key).sort()).toEqual([
      "event_source_url",
      "user_data.client_ip_address",
      "user_data.client_user_agent",
      "user_data.external_id",
    ]);
    await ask(placed, "rebuild", fingerprint);
    expect(await sent(placed)).toMatchObject({
      event_id: placed.eventId,
      user_data: { client_ip_address: "203.0.113.7" },
    });
  });

  test("leaves who rebuilt it, once, however often that is asked", async () => {
    const { fingerprint } = await compare(placed);
    const answers = await Promise.all([
      ask(placed, "rebuild", fingerprint),
      ask(placed, "rebuild", fingerprint),
    ]);
    expect(answers.filter((answer) => answer?.kind === "done")).toHaveLength(1);
    await sent(placed);
    const shop = await findShop(stack, placed.domain);
    const view = await viewEvent(stack, { id: shop?.id ?? 0n }, placed.eventId);
    expect(toldBy(view).filter((text) => text === "Rebuilt and sent by you")).toHaveLength(1);
    expect(acceptedOf(stack.pinterest, placed)).toMatchObject([{ count: 1 }]);
  });

  test("is not sent when the order changed after somebody looked at the difference", async () => {
    const { fingerprint } = await compare(placed);
    await changeSettings(stack, {
      domain: placed.domain,
      changes: { product_id: "product" },
      actor: "test",
    });
    const answer = await ask(placed, "rebuild", fingerprint);
    expect(answer).toMatchObject({
      kind: "compared",
      rebuild: { fault: eventDetailTexts.dialog.changed },
    });
    expect((await stateOf(placed))?.state).toBe("rejected");
  });

  test("whose settings now keep it back has nothing to send, and says why", async () => {
    const { domain } = placed;
    await changeSettings(stack, { domain, changes: { "source.web": "skip" }, actor: "test" });
    expect((await compare(placed)).fault).toContain("your rule skips Online store orders");
    expect(await ask(placed, "rebuild", "")).toMatchObject({ kind: "compared" });
    expect((await stateOf(placed))?.state).toBe("rejected");
  });

  test("that Shopify no longer knows says so", async () => {
    const orderId = placed.eventId.replaceAll(/\D+/g, "");
    stack.records.remove(placed.domain, `gid://shopify/Order/${orderId}`);
    expect((await compare(placed)).fault).toContain("Shopify has no order");
  });

  test("cannot be rebuilt from another shop, nor seen", async () => {
    const stranger = await stack.openShop();
    const { eventId } = placed;
    for (const intent of ["compare", "rebuild", "reveal", "sendAgain", "sendNow"]) {
      expect([intent, await ask({ domain: stranger.domain, eventId }, intent)]).toEqual([
        intent,
        null,
      ]);
    }
  });
});

test("a test order that was skipped is sent once the setting allows it, without a browser", async () => {
  const placed = await placeOrder({ test: true });
  stack.pinterest.heal();
  expect((await stateOf(placed))?.reason).toBe("test_order");
  const changes = { test_orders: "send" };
  await changeSettings(stack, { domain: placed.domain, changes, actor: "test" });
  const { rows, notes, fingerprint } = await compare(placed);
  expect(rows.every(({ before }) => before === "")).toBe(true);
  expect(notes).toEqual([eventDetailTexts.dialog.noBrowser]);
  await ask(placed, "rebuild", fingerprint);
  const after = await sent(placed);
  expect(after.user_data.client_user_agent).toBeUndefined();
  expect(Object.fromEntries(rows.map(({ key, after: value }) => [key, value]))).toMatchObject({
    "custom_data.value": after.custom_data?.value,
    "user_data.em": after.user_data.em?.join(", "),
  });
  const shop = await findShop(stack, placed.domain);
  const view = await viewEvent(stack, { id: shop?.id ?? 0n }, placed.eventId);
  const left = view.sent.fields.find(({ key }) => key === "client_user_agent");
  expect(left?.values).toEqual(["Shopify does not tell it when an order is read again"]);
  expect(await miscounts(stack.db)).toEqual([]);
});

test("what a shopper declined is not rebuilt, whatever is asked", async () => {
  const placed = await placeOrder({ test: true });
  await stack.db.pool.query("update event set reason = 'consent_refused' where event_id = $1", [
    placed.eventId,
  ]);
  const refusal = { kind: "failed", fault: actionBars.consent_refused };
  expect(await ask(placed, "compare")).toEqual(refusal);
  expect(await ask(placed, "rebuild", "")).toEqual(refusal);
  await stack.db.pool.query("delete from event where event_id = $1", [placed.eventId]);
  await stack.db.pool.query("delete from count_bucket where reason = 'test_order'");
});

/** What Pinterest refused, as it is kept. */
async function bodyOf({ domain, eventId }: Placed): Promise<ConversionEvent> {
  const shop = await findShop(stack, domain);
  const view = await viewEvent(stack, { id: shop?.id ?? 0n }, eventId, { isRevealed: true });
  return JSON.parse(view.sent.json);
}
