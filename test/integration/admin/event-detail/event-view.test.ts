import { describe, expect, test } from "vitest";
import { actionBars } from "#app/admin/event/texts.ts";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { commitEvents, makeShop, purchase, skip } from "#test/support/outbox-fixture.ts";
import { openShopOfFiveOrders, uniqueAccount } from "../sent-events.ts";
import { barsOf, toldBy, viewEvent } from "./event-view-fixture.ts";

const { db, keyring, shop } = await openShopOfFiveOrders();

const runsOut = (kept: string) =>
  expect.stringMatching(new RegExp(`^${kept}\\. It runs out [A-Z][a-z]+ \\d+\\.$`));

const view = (eventId: string) => viewEvent({ db, keyring }, shop, eventId);

describe("what happened", () => {
  test("is told from Shopify's notice to the last answer, in order", async () => {
    expect(toldBy(await view("order-1-checkout"))).toEqual([
      "Shopify told us (orders/create, 1 delivery)",
      "Built the event, 1 of 2 match keys",
      "Attempt 1: no answer, 10000 ms, with 3 others",
      "The answer was lost. We try again with the same ID, so it counts once.",
      "Attempt 2: HTTP 200, 612 ms, with 3 others",
      "Pinterest marked it processed.",
      "No further attempt (accepted is final)",
    ]);
  });

  test("with Pinterest's note to an accepted event", async () => {
    const noted = await view("order-2-checkout");
    expect(toldBy(noted)).toContain('Pinterest\'s note: "external_id is not hashed"');
    expect(noted.badge).toMatchObject({ label: "Accepted, with a note", isNoted: true });
  });

  test("with what a refusal means and what to do next", async () => {
    const lines = toldBy(await view("order-3-checkout"));
    expect(lines.slice(-4)).toEqual([
      'Pinterest: "currency is missing"',
      "Means: the value has no currency, or one that Pinterest does not know.",
      "Next: Rebuild and send, after the currency is set.",
      "No further attempt (refused is final)",
    ]);
  });

  test("with what the shopper's browser added, and what they said of consent", async () => {
    const joined = purchase("95", {
      eventId: "sh-95",
      idSource: "browser",
      consent: "allowed:browser",
      notes: "em=order;click_id=browser;client_ip_address=browser;client_user_agent=order",
    });
    const seen = purchase("96", {
      kind: "add_to_cart",
      eventId: "sh-96",
      idSource: "browser",
      orderId: null,
      consent: "allowed:browser",
    });
    const refused = purchase("97", {
      consent: "refused:browser",
      outcome: skip("consent_refused"),
    });
    await commitEvents({ db, keyring }, shop, [joined, seen, refused]);
    const order = await view("sh-95");
    expect(toldBy(order)).toContain("Found browser data: event ID, click ID, IP address");
    expect(toldBy(await view("sh-96"))).toContain("The shopper's browser told us (web pixel)");
    const factOf = ({ facts }: typeof order, label: string) =>
      facts.find((fact) => fact.label === label)?.value;
    expect(factOf(order, "ID from")).toBe("the browser");
    expect(factOf(order, "Consent")).toBe("given, in the browser");
    expect(factOf(await view("order-97-checkout"), "Consent")).toBe("refused, in the browser");
  });

  test("and a next time only where a try is due", async () => {
    const waiting = await view("order-4-checkout");
    const last = waiting.timeline.at(-1);
    expect(last).toMatchObject({ text: "Next attempt", at: { iso: expect.any(String) } });
    expect(Date.parse(last?.at?.iso ?? "")).toBeGreaterThan(Date.now());
    for (const order of ["1", "2", "3", "5"]) {
      expect(toldBy(await view(`order-${order}-checkout`))).not.toContain("Next attempt");
    }
  });

  test("while nothing can be sent, until when it is kept", async () => {
    const services = { db, keyring };
    const paused = await makeShop(services, { adAccountId: uniqueAccount() });
    await commitEvents(services, paused, [purchase("71")]);
    await pauseConnection(services, paused.id, "merchant", "user:1");
    const words = [];
    for (const reason of ["unauthorized", "internal", "billing", "merchant"]) {
      await db.pool.query("update connection set pause_reason = $2 where shop_id = $1", [
        paused.id.toString(),
        reason,
      ]);
      const { timeline, badge } = await viewEvent(services, paused, "order-71-checkout");
      words.push([badge.label, timeline.at(-1)?.text]);
    }
    const [reconnect, pause] = ["Kept until you reconnect", "Kept while paused"];
    expect(words).toEqual([
      [reconnect, runsOut(reconnect)],
      [pause, runsOut(pause)],
      [pause, runsOut("Kept until you approve the plan")],
      [pause, runsOut(pause)],
    ]);
    const kept = await viewEvent(services, paused, "order-71-checkout");
    expect(barsOf(kept)).toEqual({ sendNow: actionBars.paused });
  });
});

describe("what may be done", () => {
  test.each([
    ["1", "accepted", { sendAgain: actionBars.accepted }],
    ["3", "refused", { sendAgain: null, rebuild: null }],
    ["4", "waiting", { sendNow: null }],
    ["5", "a skipped test order", { rebuild: null }],
  ])("with order %s, %s", async (order, _state, bars) => {
    expect(barsOf(await view(`order-${order}-checkout`))).toEqual(bars);
  });

  test.each(["consent_refused", "redacted", "duplicate"] as const)(
    "not with what was skipped as %s, for a reason in words",
    async (reason) => {
      const order = `6${reason.length}`;
      await commitEvents({ db, keyring }, shop, [purchase(order, { outcome: skip(reason) })]);
      const bars = barsOf(await view(`order-${order}-checkout`));
      expect(bars).toEqual({ rebuild: actionBars[reason] });
    },
  );

  test("not with what is too old, or is no order's purchase", async () => {
    const eventTimeSeconds = Math.floor(Date.now() / 1_000) - 7 * 86_400;
    const old = purchase("81", { outcome: skip("too_old"), eventTimeSeconds });
    const signup = purchase("82", { outcome: skip("imported"), kind: "signup", orderId: null });
    await commitEvents({ db, keyring }, shop, [old, signup]);
    expect(barsOf(await view("order-81-checkout"))).toEqual({ rebuild: actionBars.late });
    expect(barsOf(await view("order-82-checkout"))).toEqual({ rebuild: actionBars.no_order });
  });
});

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";

describe("what was sent", () => {
  const withBrowser = (order: string) => {
    const mapped = purchase(order, {
      notes:
        "em=order+customer;ph=!incomplete:US;click_id=landing;client_ip_address=order;client_user_agent=order;zp=!absent",
    });
    const event = (mapped.outcome as { event: ConversionEvent }).event;
    const person = {
      ...event.user_data,
      click_id: "dj0yJnU9SECRET",
      client_ip_address: "203.0.113.24",
      client_user_agent: BROWSER,
    };
    return {
      ...mapped,
      outcome: { kind: "send" as const, event: { ...event, user_data: person } },
    };
  };

  test("names each key, how it went, and where it came from or why it did not go", async () => {
    await commitEvents({ db, keyring }, shop, [withBrowser("91")]);
    const { sent } = await view("order-91-checkout");
    const told = (key: string) => {
      const { treatment, values, origin } = sent.fields.find((field) => field.key === key) ?? {};
      return [treatment, values?.join(), origin];
    };
    expect(told("em")[0]).toBe("hashed");
    expect(told("em")[2]).toBe("order, customer");
    expect(told("ph")).toEqual(["left out", "not a complete number for US", "–"]);
    expect(told("zp")).toEqual(["left out", "none in the order", "–"]);
    expect(told("client_ip_address")).toEqual(["as is", "203.0.113.•••", "order"]);
    expect(told("custom_data.value")).toEqual(["as is", "72.39", "–"]);
  });

  test("hides IP address, browser and click until they are asked for, everywhere", async () => {
    const services = { db, keyring };
    const masked = JSON.stringify(await viewEvent(services, shop, "order-91-checkout"));
    for (const secret of ["203.0.113.24", "SECRET", "Linux"]) expect(masked).not.toContain(secret);
    const shown = await viewEvent(services, shop, "order-91-checkout", { isRevealed: true });
    const { outcome } = withBrowser("91");
    const sent = JSON.parse(shown.sent.json);
    expect(sent.user_data).toEqual(outcome.event.user_data);
    expect(shown.sent.curl).toContain("203.0.113.24");
    expect(shown.report).not.toContain("203.0.113");
  });

  test("comes as a test request that holds no token and that a shell reads as it stands", async () => {
    const { sent } = await view("order-91-checkout");
    expect(sent.curl).toContain("/events?test=true'");
    expect(sent.curl).toContain('"Authorization: Bearer $PINTEREST_TOKEN"');
    expect(sent.curl).not.toMatch(/pina_/);
  });

  test("is said to be gone when it is, and the record stays", async () => {
    await db.pool.query(
      "delete from event_payload where event_ref = (select id from event where order_id = '3')",
    );
    const gone = await view("order-3-checkout");
    expect(gone.sent.absence).toMatch(/^The body was deleted on .+\. The record stays 90 days\.$/);
    expect(barsOf(gone)).toEqual({ sendAgain: actionBars.no_body, rebuild: null });
    const skipped = await view("order-5-checkout");
    expect(skipped.sent.absence).toBe("No body was built: this event is not sent.");
    expect(toldBy(skipped)).toContain("Not sent: test order");
  });
});

test("another shop's event is not found, whatever its id", async () => {
  const other = await makeShop({ db, keyring });
  await expect(viewEvent({ db, keyring }, other, "order-1-checkout")).rejects.toThrow(RangeError);
});
