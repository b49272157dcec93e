import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEventPage } from "#app/admin/events/read-event-page.server.ts";
import type { Term } from "#app/admin/home/describe-orders.server.ts";
import type { HomePage } from "#app/admin/home/read-home.server.ts";
import { HOME_PERIODS } from "#app/admin/home/texts.ts";
import { parseEventFilter } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { SKIP_REASONS } from "#app/events/event-state.ts";
import { openTestDatabase } from "#test/support/database.ts";
import type { SeededEvent } from "#test/support/seed-events.ts";
import { daysAgo, type HomeShop, type HomeWorld, isoDay, openHomeWorld } from "./home-world.ts";

/** Now; in the first hour of a day, of which nothing can be compared yet, its end. */
const NOW = new Date(Math.max(Date.now(), new Date().setUTCHours(1, 0, 0, 0)));

let world: HomeWorld;
let seeded: HomeShop;

beforeAll(async () => {
  world = openHomeWorld(await openTestDatabase());
  seeded = await world.openShop();
  await world.seed(seeded, everyState());
  for (let day = 0; day < 30; day += 1) {
    const orders = (await ordersOf(seeded, isoDay(day))) + (day === 5 ? 2 : 0);
    await world.count(seeded, isoDay(day), orders, NOW);
  }
});
afterAll(() => world.db.close());

/** On each of some days every state, besides what is no order of the store. */
function everyState(): SeededEvent[] {
  return [0, 2, 5, 10, 20].flatMap((day) => {
    const at = daysAgo(day);
    return [
      ...Array.from({ length: day + 3 }, () => ({ at })),
      { at, warning: "Low match quality" },
      ...SKIP_REASONS.map((reason) => ({ at, state: "skipped" as const, reason })),
      { at, state: "rejected" as const, reason: "The request was invalid." },
      { at, state: "expired" as const },
      ...(day <= 5
        ? [
            { at, state: "pending" as const },
            { at, state: "held" as const },
          ]
        : []),
      { at, source: "task" },
      { at, kind: "signup" },
      { at, kind: "page_visit", state: "skipped" as const, reason: "consent_unknown" },
    ];
  });
}

async function ordersOf({ id }: HomeShop, day: string): Promise<number> {
  const { rows } = await world.db.pool.query<{ n: bigint }>(
    `select count(*) as n from event where shop_id = $1 and kind = 'checkout' and source <> 'task'
      and reason is distinct from 'test_order'
      and to_timestamp(event_time) at time zone 'UTC' >= $2::date
      and to_timestamp(event_time) at time zone 'UTC' < $2::date + 1`,
    [id, day],
  );
  return Number(rows[0]?.n);
}

const numberOf = (text: string) => Number(/[\d,]+/.exec(text)?.[0].replaceAll(",", ""));
const sentenceOf = ({ orders }: HomePage) =>
  `${orders.lead} = ${orders.terms.map(({ label }) => label).join(" + ")}`;

/** How many rows the list of events shows behind a link. */
async function listed({ id }: HomeShop, url: string, format: Formatter): Promise<number> {
  const filter = parseEventFilter(new URL(url, "https://app.example").searchParams);
  const page = await readEventPage(world, { id }, filter, { days: format, cursor: null });
  return page.total;
}

describe("every order, accounted for", () => {
  test.each(HOME_PERIODS)("H1 the terms add up to the first number, period %s", async (period) => {
    const { page } = await world.read(seeded, period, world.format({ now: NOW }));
    const { lead, terms, byHand } = page.orders;
    expect(lead).toMatch(/^\d+ orders in Shopify$/);
    const sum = terms.reduce((all, { label }) => all + numberOf(label), 0);
    expect(sum).toBe(numberOf(lead));
    let orders = 0;
    for (let day = 0; day < Number(period); day += 1) {
      orders += (await ordersOf(seeded, isoDay(day))) + (day === 5 ? 2 : 0);
    }
    expect(numberOf(lead)).toBe(orders);
    expect(terms.at(-1)?.label).toBe(Number(period) > 5 ? "2 missing" : "0 missing");
    expect(byHand?.label).toMatch(/^plus \d sent by hand$/);
  });

  test.each(HOME_PERIODS)(
    "H2 each link lists as many events as it says, period %s",
    async (period) => {
      const format = world.format({ now: NOW });
      const { orders, chart } = (await world.read(seeded, period, format)).page;
      const terms: Term[] = [...orders.terms, ...(orders.others?.terms ?? [])];
      if (orders.byHand !== null) terms.push(orders.byHand);
      const links = terms.filter(({ url }) => url !== null);
      expect(links).toHaveLength(7);
      for (const { label, url } of links) {
        expect([label, await listed(seeded, url ?? "", format)]).toEqual([label, numberOf(label)]);
      }
      for (const { url, missing, orders: all, day } of chart.days) {
        const tests = await listed(seeded, `${url}&reason=test_order`, format);
        expect([day, await listed(seeded, url, format)]).toEqual([day, all - missing + tests]);
      }
    },
  );

  test("a store without orders is told where they will appear", async () => {
    const { page } = await world.read(await world.openShop());
    expect(page.orders).toMatchObject({ lead: "", terms: [] });
    expect(page.orders.empty).toBe(
      "No orders yet. Events appear here within a minute of the first order.",
    );
  });

  test("without Shopify's count the sentence says so, and gives the five terms of what was received", async () => {
    const shop = await world.openShop();
    const at = daysAgo(1);
    await world.seed(shop, [
      { at },
      { at, state: "skipped", reason: "cancelled" },
      { at, state: "pending" },
      { at, state: "rejected", reason: "no" },
      { at, state: "expired" },
    ]);
    const { page } = await world.read(shop);
    expect(sentenceOf(page)).toBe(
      "Shopify's count is not available. 5 purchases received = 1 accepted + 1 not sent + 1 waiting + 1 refused + 1 too late",
    );
    expect(page.orders).toMatchObject({ countedAt: null, isCountDue: true });
  });

  test("an order that came after Shopify was asked is not a difference", async () => {
    const shop = await world.openShop();
    const midday = new Date(`${isoDay(0)}T12:00:00Z`);
    const format = world.format({ now: midday });
    await world.count(shop, isoDay(0), 1, new Date(`${isoDay(0)}T11:40:00Z`));
    await world.seed(shop, [
      { at: new Date(`${isoDay(0)}T11:00:00Z`) },
      { at: new Date(`${isoDay(0)}T11:45:00Z`) },
    ]);
    const { page } = await world.read(shop, "1", format);
    expect(sentenceOf(page)).toBe(
      "2 orders in Shopify = 2 accepted + 0 not sent + 0 waiting + 0 problems + 0 missing",
    );
  });

  test("an order that Shopify deleted since is said to be one, and nothing is negative", async () => {
    const shop = await world.openShop();
    await world.seed(shop, [{ at: daysAgo(3) }, { at: daysAgo(3) }]);
    for (let day = 0; day < 7; day += 1) await world.count(shop, isoDay(day), day === 3 ? 1 : 0);
    const { page } = await world.read(shop);
    expect(sentenceOf(page)).toBe(
      "2 orders reported by Shopify = 2 accepted + 0 not sent + 0 waiting + 0 problems + 0 missing",
    );
    expect(page.orders.notes).toContain(
      "Shopify now counts 1 order fewer than it told us of. Orders that were deleted since stay in our numbers.",
    );
  });

  test("what was missing on one day is not made up for by another", async () => {
    const shop = await world.openShop();
    await world.seed(shop, [{ at: daysAgo(3) }]);
    for (let day = 0; day < 7; day += 1) await world.count(shop, isoDay(day), day === 4 ? 1 : 0);
    const { page } = await world.read(shop);
    expect(page.orders.terms.map(({ label }) => label)).toContain("1 missing");
    expect(page.orders.terms.at(-1)?.isBad).toBe(true);
    expect(page.checks.find(({ id }) => id === "orders")?.state).not.toBe("ok");
  });

  test("the share and the speed are of the store's orders that were to be sent", async () => {
    const shop = await world.openShop();
    const at = daysAgo(1);
    const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000);
    await world.seed(shop, [
      { at, createdAt: at, settledAt: later(10) },
      // Told of a day late, as after an outage of Shopify's: what counts is how long it took from then.
      { at: daysAgo(2), createdAt: at, settledAt: later(38) },
      { at, createdAt: at, settledAt: later(3_601) },
      { at, state: "rejected", reason: "no" },
      { at, state: "skipped", reason: "cancelled" },
      { at, source: "task", settledAt: later(90_000) },
    ]);
    for (let day = 0; day < 7; day += 1) await world.count(shop, isoDay(day), [0, 4, 1][day] ?? 0);
    const { page } = await world.read(shop);
    expect(page.orders.notes).toEqual([
      "75.0% of orders to be sent reached Pinterest (3 of 4)",
      "Median 38 s from when Shopify told us to accepted, 66.7% in 1 h",
    ]);
    expect(page.orders.others).toBeNull();
  });

  test("a store that is not connected reads how many orders are kept, and until when", async () => {
    const shop = await world.openShop({ isConnected: false });
    await world.seed(shop, [{ state: "pending", at: daysAgo(1) }, { state: "pending" }]);
    const { page, status } = await world.read(shop);
    expect(page.kept).toMatch(
      /^2 orders are kept, and will be sent when you connect\. The oldest expires on \w{3} \d+\.$/,
    );
    expect(status.badge).toEqual({ label: "Not connected" });
    expect(page.banner).toBeNull();
    expect(page.sending).toBeNull();
  });

  test("another store's events are nowhere in it", async () => {
    const shop = await world.openShop();
    const { page } = await world.read(shop, "30");
    expect(page.latest).toEqual([]);
    expect(page.chart.days.every(({ orders }) => orders === 0)).toBe(true);
  });
});

describe("the chart", () => {
  test("N1 the table's numbers are the bars'", async () => {
    const { chart, orders } = (await world.read(seeded, "30")).page;
    for (const day of chart.days) {
      for (const name of [
        "accepted",
        "notSent",
        "waiting",
        "problem",
        "orders",
        "missing",
      ] as const) {
        expect(numberOf(day.written[name])).toBe(day[name]);
      }
    }
    expect(chart.days.reduce((sum, day) => sum + day.orders, 0)).toBe(numberOf(orders.lead));
    expect(chart.finding).toMatch(
      /^\d+ of \d+ orders accepted in 30 days; lowest day \w+ \d+, \d+ of \d+$/,
    );
    expect(chart.days.at(-1)?.label).toMatch(/so far$/);
  });

  test.each([
    ["Asia/Kolkata", "18:20:00", "23:50 of the same day"],
    ["America/St_Johns", "03:20:00", "23:50 of the day before"],
  ])("N2 an order at 23:50 in %s falls on that day", async (timeZone, time) => {
    const shop = await world.openShop();
    const at = new Date(`2026-11-20T${time}Z`);
    const format = world.format({ timeZone, now: new Date("2026-11-24T12:00:00Z") });
    const day = timeZone === "Asia/Kolkata" ? "2026-11-20" : "2026-11-19";
    await world.seed(shop, [{ at }]);
    const { chart } = (await world.read(shop, "7", format)).page;
    expect(chart.days.filter(({ accepted }) => accepted > 0).map((row) => row.day)).toEqual([day]);
    expect(chart.days).toHaveLength(7);
  });

  test("a day on which clocks change has 25 hours, and no order is counted twice", async () => {
    const shop = await world.openShop();
    const timeZone = "America/New_York";
    const format = world.format({ timeZone, now: new Date("2026-11-03T12:00:00Z") });
    // 01:30 comes twice on November 1, 2026; the day ends at 05:00 UTC of the next.
    await world.seed(shop, [
      { at: new Date("2026-11-01T05:30:00Z") },
      { at: new Date("2026-11-01T06:30:00Z") },
      { at: new Date("2026-11-02T04:50:00Z") },
      { at: new Date("2026-11-02T05:10:00Z") },
    ]);
    const { chart } = (await world.read(shop, "7", format)).page;
    const accepted = Object.fromEntries(chart.days.map((day) => [day.day, day.accepted]));
    expect(accepted).toMatchObject({ "2026-11-01": 3, "2026-11-02": 1 });
  });
});

describe("the latest events", () => {
  test("N3 amounts keep the decimals of their currency, N4 and the reader's language", async () => {
    const shop = await world.openShop();
    await world.seed(shop, [
      { at: daysAgo(1), value: "12400", currency: "JPY" },
      { at: daysAgo(2), value: "1.250", currency: "KWD" },
      { at: daysAgo(3), value: "1234.50", currency: "EUR" },
    ]);
    const values = async (locale: string) =>
      (await world.read(shop, "7", world.format({ locale }))).page.latest.map(({ value }) =>
        value.replace(/\s/g, " "),
      );
    expect(await values("en-US")).toEqual(["¥12,400", "KWD 1.250", "€1,234.50"]);
    expect((await values("de-DE"))[2]).toBe("1.234,50 €");
  });

  test("are the five that happened last, each with its state in words", async () => {
    const { latest } = (await world.read(seeded)).page;
    expect(latest).toHaveLength(5);
    for (const { badge, url } of latest) {
      expect(badge.label).not.toBe("");
      expect(url).toMatch(/^\/app\/events\/[\w-]+\?name=\w+$/);
    }
  });
});

test.each([
  [null, 0, /Once a day/, false],
  ["done", 0, /No order without an event/, true],
  ["done", 2, /2 orders without an event/, true],
  ["denied", 0, /a permission is missing/, false],
  ["no_session", 0, /open Pinrelay again/, false],
  ["silent", 0, /was not finished/, false],
])(
  "a search for orders without an event that ended as %s and found %d is told",
  async (result, missing, words, isDated) => {
    const shop = await world.openShop();
    await world.db.pool.query(
      `insert into order_sweep (shop_id, next_at, tried_at, result, missing)
      values ($1, now(), now(), $2, $3)`,
      [shop.id.toString(), result, missing],
    );
    const { compared } = (await world.read(shop)).page.orders;
    expect(compared.text).toMatch(words);
    expect(compared.at !== null).toBe(isDated);
  },
);

test("an alert that lasts is on Home until it ends, and what Home judges itself stands there once", async () => {
  const shop = await world.openShop();
  const begin = (cause: string, facts: object) =>
    world.db.pool.query(
      "insert into alert (shop_id, cause, facts, noticed_at, begun_at) values ($1, $2, $3, now(), now())",
      [shop.id.toString(), cause, facts],
    );
  await begin("orders_dropped", { n: 0, usual: 1_200, hours: 3 });
  await begin("privacy_late", { n: 2 });
  await begin("connection_paused", { reason: "unauthorized" });
  await begin("of_a_later_version", {});
  const { page } = await world.read(shop);
  expect(page.banner).toMatchObject({
    title: "Far fewer orders than usual",
    cause: "No order came in 3 hours; in the same hours of earlier weeks it was 1,200.",
    action: { url: "/app/help" },
  });
  const titles = page.attention.problems.map(({ title }) => title);
  expect(titles).toEqual(["2 privacy requests are late"]);
  await world.db.pool.query("update alert set ended_at = now() where shop_id = $1", [
    shop.id.toString(),
  ]);
  expect((await world.read(shop)).page.banner).toBeNull();
});
