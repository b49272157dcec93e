import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ShopDays } from "#app/admin/events/conditions.server.ts";
import {
  type EventPage,
  parseCursor,
  readEventPage,
} from "#app/admin/events/read-event-page.server.ts";
import { readReplayChoice } from "#app/admin/events/replay.server.ts";
import { parseEventFilter, toEventQuery } from "#app/admin/shell/event-filter.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";
import { type Listed, listEvents } from "./listed-events.ts";

const NOW = new Date("2026-11-24T19:02:00Z");
/** A shop five hours behind UTC. */
const days: ShopDays = {
  now: NOW,
  dayOf: (date) => new Date(date.getTime() - 5 * 3_600_000).toISOString().slice(0, 10),
  startOfDay: (day) => new Date(`${day}T05:00:00Z`),
};

type Shop = Awaited<ReturnType<typeof makeShop>>;
let db: TestDatabase;
let shop: Shop;
beforeAll(async () => {
  db = await openTestDatabase();
  shop = await makeShop({ db, keyring: testKeyring() });
  await listEvents(db, shop, EVENTS);
});
afterAll(() => db.close());

function at(time: string): number {
  return Date.parse(time) / 1_000;
}

/** 120 accepted page views every ten minutes, and some of each other sort. */
const EVENTS: Listed[] = [
  ...Array.from({ length: 120 }, (_, index) => ({
    eventId: `view-${String(index).padStart(3, "0")}`,
    kind: "page_visit",
    eventTime: at("2026-11-24T18:00:00Z") - index * 600,
  })),
  {
    eventId: "order-1042-checkout",
    orderName: "#1042",
    orderId: "6204411576410",
    state: "rejected",
    reason: "currency is missing",
    eventTime: at("2026-11-24T19:01:00Z"),
  },
  {
    eventId: "sh-9f2c61",
    orderName: "#1041",
    orderId: "6204411576409",
    idSource: "browser",
    eventTime: at("2026-11-24T18:58:00Z"),
    value: "12400",
    currency: "JPY",
  },
  {
    eventId: "order-1040-checkout",
    orderName: "#1040",
    orderId: "6204411576408",
    state: "expired",
    eventTime: at("2026-11-17T05:00:00Z"),
    source: "pos",
  },
  {
    eventId: "order-1039-checkout",
    orderName: "EU1042",
    orderId: "1042",
    state: "rejected",
    reason: "x",
    eventTime: at("2026-11-20T10:00:00Z"),
    hasContent: false,
  },
  {
    eventId: "customer-5-signup",
    kind: "signup",
    state: "skipped",
    reason: "imported",
    eventTime: at("2026-11-24T18:57:00Z"),
    value: null,
    currency: null,
  },
  {
    eventId: "order-1038-checkout",
    orderName: "#1038",
    state: "skipped",
    reason: "test_order",
    eventTime: at("2026-11-23T18:57:00Z"),
  },
  {
    eventId: "order-1037-checkout",
    orderName: "#1037",
    state: "held",
    eventTime: at("2026-11-24T19:01:30Z"),
  },
  {
    eventId: "order-1036-checkout",
    orderName: "#1036",
    state: "pending",
    eventTime: at("2026-11-24T19:00:30Z"),
    source: "task",
    idSource: "given",
  },
  { eventId: "order-1000-checkout", orderName: "#1000", eventTime: at("2026-10-01T12:00:00Z") },
] as Listed[];

function read(query: string, cursor: string | null = null): Promise<EventPage> {
  const filter = parseEventFilter(new URLSearchParams(query));
  return readEventPage({ db }, shop, filter, { days, cursor: parseCursor(cursor) });
}

/** All pages of a filter, one after another. */
async function readAll(query: string): Promise<EventPage[]> {
  const pages = [await read(query)];
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next)
    pages.push(await read(query, next));
  return pages;
}

const idsOf = (page: EventPage | undefined) => page?.rows.map(({ eventId }) => eventId);

describe("a page of events", () => {
  test("the last seven days of the shop come first, the latest at the top, fifty a page", async () => {
    const page = await read("");
    expect(idsOf(page)?.slice(0, 5)).toEqual([
      "order-1037-checkout",
      "order-1042-checkout",
      "order-1036-checkout",
      "sh-9f2c61",
      "customer-5-signup",
    ]);
    expect(page.rows).toHaveLength(50);
    expect(page).toMatchObject({ total: 127, offset: 0, previous: null, isEmptyShop: false });
    expect(page.tabs).toEqual({ all: 127, action: 2, waiting: 2, accepted: 121, "not-sent": 2 });
    expect(page.kinds).toEqual(["checkout", "page_visit", "signup"]);
    expect(page.sources).toEqual(["task", "web"]);
  });

  test.each([
    "",
    "days=90",
    "kind=page_visit",
    "tab=accepted&sort=oldest",
    "sort=oldest&days=14",
    "q=view-0&days=90",
    "id_source=order",
    "source=store&days=30",
  ])("its pages hold each event once, forward and back: %s", async (query) => {
    const pages = await readAll(query);
    const all = pages.flatMap((page) => idsOf(page) ?? []);
    expect(all).toHaveLength(pages[0]?.total ?? -1);
    expect(new Set(all).size).toBe(all.length);
    const times = pages.flatMap(({ rows }) => rows.map((row) => Number(row.eventTime)));
    const isOldest = query.includes("oldest");
    expect(times).toEqual(times.toSorted((a, b) => (isOldest ? a - b : b - a)));
    expect(pages.map(({ offset }) => offset)).toEqual(pages.map((_, index) => index * 50));
    let back = pages.at(-1) as EventPage;
    for (const page of pages.slice(0, -1).toReversed()) {
      back = await read(query, back.previous);
      expect(idsOf(back)).toEqual(idsOf(page));
      expect(back.offset).toBe(page.offset);
    }
    expect(back.previous).toBeNull();
  });

  test.each([
    ["tab=action&days=14", ["order-1042-checkout", "order-1039-checkout", "order-1040-checkout"]],
    ["tab=action", ["order-1042-checkout", "order-1039-checkout"]],
    ["tab=waiting", ["order-1037-checkout", "order-1036-checkout"]],
    ["tab=waiting&source=store", ["order-1037-checkout"]],
    ["tab=not-sent", ["customer-5-signup", "order-1038-checkout"]],
    ["reason=test_order", ["order-1038-checkout"]],
    ["reason=test_order&tab=accepted", []],
    ["state=expired&days=8", ["order-1040-checkout"]],
    ["from=2026-11-17&to=2026-11-17", ["order-1040-checkout"]],
    ["from=2026-11-16&to=2026-11-16", []],
    ["kind=checkout&tab=accepted&days=90", ["sh-9f2c61", "order-1000-checkout"]],
    ["id_source=browser", ["sh-9f2c61"]],
    ["source=pos&days=30", ["order-1040-checkout"]],
    ["q=1042", ["order-1042-checkout", "order-1039-checkout"]],
    ["q=%231042", ["order-1042-checkout", "order-1039-checkout"]],
    ["q=6204411576410", ["order-1042-checkout"]],
    ["q=EU1042", ["order-1039-checkout"]],
    ["q=sh-9f2", ["sh-9f2c61"]],
    ["q=sh-9f", []],
    ["q=order-104", ["order-1042-checkout", "order-1040-checkout"]],
    ["q=%25rder-1", []],
    ["q=%23", []],
    ["q=1000", ["order-1000-checkout"]],
    ["q=1000&days=7", []],
  ])("%s finds %j, and says how many", async (query, found) => {
    const page = await read(query);
    expect(idsOf(page)).toEqual(found);
    expect(page.total).toBe(found.length);
  });

  test("each tab's number is the number of rows of its list", async () => {
    for (const query of ["", "kind=checkout&days=90", "source=store&days=30"]) {
      const { tabs } = await read(query);
      for (const [tab, count] of Object.entries(tabs ?? {})) {
        const rows = (await readAll(`${query}&tab=${tab}`)).flatMap((page) => page.rows);
        expect([query, tab, rows.length]).toEqual([query, tab, count]);
      }
    }
  });

  test("another shop sees none of them, and learns that it is new", async () => {
    const stranger = await makeShop({ db, keyring: testKeyring() });
    const filter = parseEventFilter(new URLSearchParams("q=order-1042-checkout"));
    const page = await readEventPage({ db }, stranger, filter, { days, cursor: null });
    expect(page).toMatchObject({ rows: [], total: 0, isEmptyShop: true, canSendAgain: false });
    expect((await read("q=nothing-like-it")).isEmptyShop).toBe(false);
  });

  test("it may send again only where something can be sent", async () => {
    expect((await read("")).canSendAgain).toBe(true);
    expect((await read("tab=accepted")).canSendAgain).toBe(false);
    expect((await read("state=expired&days=30")).canSendAgain).toBe(false);
    expect((await read("q=EU1042")).canSendAgain).toBe(false);
  });
});

test("the choice of a run names what it takes and what it leaves, by state", async () => {
  const choose = (query: string) =>
    readReplayChoice({ db }, shop, { filter: parseEventFilter(new URLSearchParams(query)) }, days);
  const all = await choose("days=14");
  expect(all.leftOut).toEqual({
    accepted: 121,
    waiting: 2,
    not_sent: 2,
    too_late: 1,
    no_content: 1,
    over_limit: 0,
  });
  expect(all.rows).toHaveLength(1);
  const found = await choose("q=1042");
  expect(found.leftOut).toMatchObject({ accepted: 0, no_content: 1 });
  expect(found.rows).toEqual(all.rows);
  const { rows } = await read("days=14&kind=checkout");
  const ticked = await readReplayChoice({ db }, shop, { rows: rows.map(({ id }) => id) }, days);
  expect(ticked.rows).toEqual(all.rows);
  expect(ticked.leftOut).toMatchObject({ accepted: 1, waiting: 2, not_sent: 1, too_late: 1 });
  const stranger = await makeShop({ db, keyring: testKeyring() });
  const stolen = await readReplayChoice({ db }, stranger, { rows: all.rows }, days);
  expect(stolen.rows).toEqual([]);
});

test("a filter survives its URL", () => {
  for (const query of [
    "",
    "tab=action&kind=checkout&kind=signup&state=rejected&source=pos&days=14",
    "reason=imported&reason=no_match_key&id_source=browser&from=2026-11-01&to=2026-11-02",
    "q=%231042&sort=oldest",
    "days=7&q=1042",
  ]) {
    const filter = parseEventFilter(new URLSearchParams(query));
    expect(parseEventFilter(new URLSearchParams(toEventQuery(filter)))).toEqual(filter);
  }
  const odd = "tab=x&state=y&days=1000&from=2026-02-31&to=2026-03-01&sort=z&id_source=&q=%00+a%00b";
  expect(toEventQuery(parseEventFilter(new URLSearchParams(odd)))).toBe("q=ab");
});
