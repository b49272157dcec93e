import { hash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { previewEvent, sendOneEvent } from "#app/admin/send/send-one-event.server.ts";
import { sendTexts } from "#app/admin/send/texts.ts";
import { formatLocalTime } from "#app/platform/calendar.server.ts";
import { acceptedOf } from "#test/integration/shopify/flow-fixture.ts";
import { EMAIL, form, openSendWorld, type SendWorld } from "./send-world.ts";

let world: SendWorld;

beforeAll(async () => {
  world = await openSendWorld();
});
afterAll(() => world?.close());

type Merchant = Awaited<ReturnType<SendWorld["openMerchant"]>>;

const preview = (merchant: Merchant, ...args: Parameters<typeof form>) =>
  previewEvent(world.services, merchant, form(...args));

const hoursAgo = (hours: number, zone: string) =>
  formatLocalTime(Math.floor(Date.now() / 1_000) - hours * 3_600, zone);

describe("the preview of an event", () => {
  test("is to the letter the body that is sent, and holds no plain email", async () => {
    const merchant = await world.openMerchant();
    const filled = form({
      orderId: "A-1",
      orderQuantity: "2",
      productId: "sku-1",
      eventTime: hoursAgo(1, merchant.shop.timeZone),
      clientIpAddress: "203.0.113.7",
      clientUserAgent: "Mozilla/5.0",
      clickId: "dj0yJnU9",
      eventSourceUrl: "https://shop.example/thanks",
    });
    const shown = await previewEvent(world.services, merchant, filled);
    const { report } = await sendOneEvent(world.services, merchant, filled, "live");
    expect(report?.title).toBe("Accepted by Pinterest");
    expect(JSON.parse(shown.body ?? "")).toEqual(JSON.parse(report?.body ?? ""));
    const [accepted] = acceptedOf(world.pinterest, merchant);
    expect(JSON.parse(shown.body ?? "").data).toEqual([accepted?.event]);
    expect(JSON.stringify(shown)).not.toContain(EMAIL);
    expect(shown.body).toContain(hash("sha256", EMAIL, "hex"));
  });

  test("names what is wrong with each field in words for under it", async () => {
    const merchant = await world.openMerchant({ isConnected: false });
    const { faults, body } = await preview(merchant, {
      email: "nobody",
      value: "5,00",
      currency: "dollars",
      eventSourceUrl: "shop.example",
      orderQuantity: "two",
      clientIpAddress: "1.2.3",
      eventTime: "2026-02-30T10:00",
    });
    const { email, value, currency, eventSourceUrl, orderQuantity, clientIpAddress, eventTime } =
      sendTexts.faults;
    expect(body).toBeNull();
    expect(faults).toEqual({
      ...{ email, value, currency, eventSourceUrl, orderQuantity, clientIpAddress, eventTime },
    });
  });

  test("takes hashes of 64 hexadecimal digits alone where it is said that there are hashes", async () => {
    const merchant = await world.openMerchant({ isConnected: false });
    const hashed = hash("sha256", EMAIL, "hex");
    const said = { isAlreadyHashed: "true" };
    expect((await preview(merchant, { ...said, email: hashed.toUpperCase() })).body).toContain(
      hashed,
    );
    const wrong = await preview(merchant, { ...said, email: hashed, phone: "+1 202 555 0100" });
    expect(wrong.faults).toEqual({ phone: sendTexts.faults.hash });
  });

  test("says of a time that it has not come yet, and of one past seven days which it is", async () => {
    const merchant = await world.openMerchant({ isConnected: false });
    const at = (hours: number) =>
      preview(merchant, { eventTime: hoursAgo(hours, merchant.shop.timeZone) });
    expect((await at(-2)).faults).toEqual({ eventTime: sendTexts.faults.future });
    expect((await at(7 * 24 + 1)).faults.eventTime).toMatch(/^Older than 7 days: .+ \d/);
    expect((await at(7 * 24 - 2)).faults.eventTime).toMatch(/^Too close to 7 days/);
    expect((await at(6 * 24)).faults).toEqual({});
  });

  test("reads the time by the clocks of the store", async () => {
    const merchant = await world.openMerchant({ isConnected: false, timeZone: "Asia/Kolkata" });
    const seconds = Math.floor(Date.now() / 60_000) * 60 - 3_600;
    const eventTime = formatLocalTime(seconds, "Asia/Kolkata");
    const { body } = await preview(merchant, { eventTime });
    expect(JSON.parse(body ?? "").data[0].event_time).toBe(seconds);
  });

  test("says before sending whether Pinterest could match it to a person", async () => {
    const merchant = await world.openMerchant({ isConnected: false });
    const browser = { clientIpAddress: "203.0.113.7", clientUserAgent: "Mozilla/5.0" };
    const identified = async (fields: Parameters<typeof form>[0]) =>
      (await preview(merchant, { email: "", ...fields })).isIdentified;
    expect(await identified({})).toBe(false);
    expect(await identified({ clientIpAddress: "203.0.113.7" })).toBe(false);
    expect(await identified(browser)).toBe(true);
    expect(await identified({ email: EMAIL })).toBe(true);
  });

  test("has the store's currency where none is given, and the name of a custom event", async () => {
    const merchant = await world.openMerchant({ isConnected: false });
    merchant.shop.currency = "CHF";
    const custom = await preview(merchant, { eventName: "custom", customEventName: "club_joined" });
    expect(JSON.parse(custom.body ?? "").data[0]).toMatchObject({
      event_name: "club_joined",
      custom_data: { currency: "CHF", value: "72.39" },
    });
    const unnamed = await preview(merchant, { eventName: "custom" });
    expect(unnamed.faults).toEqual({ customEventName: sendTexts.faults.customName });
    // What is hidden while another event is chosen does not count.
    const hidden = await preview(merchant, { eventName: "lead", customEventName: "club_joined" });
    expect(hidden.faults).toEqual({});
  });
});

describe("one event", () => {
  test("in demo makes no request, and shows the store's own address and a sample answer", async () => {
    const merchant = await world.openMerchant();
    const { report } = await sendOneEvent(world.services, merchant, form(), "demo");
    expect(report).toMatchObject({ title: "Demo: nothing was sent", isStored: false });
    expect(JSON.parse(report?.sampleAnswer ?? "")).toMatchObject({ num_events_processed: 1 });
    expect(world.requestsOf(merchant.adAccountId)).toEqual([]);
  });

  test("in test is checked by Pinterest with test=true, and stored nowhere", async () => {
    const merchant = await world.openMerchant();
    const { report } = await sendOneEvent(world.services, merchant, form(), "test");
    expect(report).toMatchObject({ title: "Test: Pinterest found no fault", isStored: false });
    expect(world.requestsOf(merchant.adAccountId).map(({ test }) => test)).toEqual([true]);
    expect(acceptedOf(world.pinterest, merchant)).toEqual([]);
    const { rows } = await world.db.pool.query("select 1 from event where shop_id = $1", [
      merchant.shop.id,
    ]);
    expect(rows).toEqual([]);
  });

  test("live is posted twice at once and sent once, and who sent it is in the activity", async () => {
    const merchant = await world.openMerchant();
    const filled = form();
    const send = () => sendOneEvent(world.services, merchant, filled, "live");
    const results = await Promise.all([send(), send()]);
    expect(results.map(({ report }) => report?.title)).toEqual([
      "Accepted by Pinterest",
      "Accepted by Pinterest",
    ]);
    expect(results[0]?.report?.nextEventId).not.toBe(filled.eventId);
    expect(acceptedOf(world.pinterest, merchant)).toMatchObject([
      { eventId: filled.eventId, count: 1 },
    ]);
    expect(world.requestsOf(merchant.adAccountId).map(({ test }) => test)).toEqual([false]);
    const { rows } = await world.db.pool.query(
      "select distinct actor from audit_entry where shop_id = $1 and action = 'events.send'",
      [merchant.shop.id],
    );
    expect(rows).toEqual([{ actor: merchant.actor }]);
  });

  test("that Pinterest refuses says so in its words", async () => {
    const merchant = await world.openMerchant();
    const custom = form({ eventName: "custom", customEventName: "nobody_knows_it" });
    const { report } = await sendOneEvent(world.services, merchant, custom, "test");
    expect(report).toMatchObject({ tone: "critical", body: expect.any(String) });
    expect(report?.title).toBe("Test: Pinterest would refuse this event");
  });

  test("of nobody is not sent, and the page says what is missing", async () => {
    const merchant = await world.openMerchant();
    for (const mode of ["demo", "test", "live"] as const) {
      const sent = await sendOneEvent(world.services, merchant, form({ email: "" }), mode);
      expect(sent.report?.text).toBe(sendTexts.result.identity);
    }
    expect(world.requestsOf(merchant.adAccountId)).toEqual([]);
  });

  test("of a store that is not connected goes nowhere", async () => {
    const merchant = await world.openMerchant({ isConnected: false });
    const { report } = await sendOneEvent(world.services, merchant, form(), "live");
    expect(report).toMatchObject({ tone: "critical", text: sendTexts.result.notConnected });
  });
});
