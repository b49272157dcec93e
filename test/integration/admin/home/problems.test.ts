import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeConnection } from "#app/admin/connection/describe-connection.server.ts";
import { readConnectionFacts } from "#app/admin/connection/read-connection-facts.server.ts";
import { chooseBanner } from "#app/admin/shell/problems/list-problems.server.ts";
import { readStatusAndProblems } from "#app/admin/shell/read-status.server.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import type { Problem } from "#app/events/notices/notice.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import type { SeededEvent } from "#test/support/seed-events.ts";
import { type HomeShop, type HomeWorld, openHomeWorld, SCOPES } from "./home-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let world: HomeWorld;

beforeAll(async () => {
  world = openHomeWorld(await openTestDatabase());
});
afterAll(() => world.db.close());

const ago = (ms: number) => new Date(Date.now() - ms);

async function problemsOf(shop: HomeShop): Promise<Problem[]> {
  const config = { SCOPES, PINTEREST_API_URL: "https://api.pinterest.com/v5" };
  const reader = { shop, format: world.format() };
  return (await readStatusAndProblems({ db: world.db, config }, reader)).problems;
}
const idsOf = async (shop: HomeShop) => (await problemsOf(shop)).map(({ id }) => id);

const blockOf = async (shop: HomeShop) => (await world.read(shop)).page.guide?.event.blockedBy;

async function shopWith(events: SeededEvent[]): Promise<HomeShop> {
  const shop = await world.openShop();
  await world.seed(shop, events);
  return shop;
}

function many(count: number, event: SeededEvent): SeededEvent[] {
  return Array.from({ length: count }, () => event);
}

/** Requests that ended so, the last one latest; the shop's waiting events were in all of them. */
async function attempted(shop: HomeShop, outcomes: { outcome: string; at: Date }[]) {
  for (const { outcome, at } of outcomes) {
    await world.db.pool.query(
      `with made as (insert into attempt (shop_id, ad_account_id, started_at, duration_ms, outcome, events)
          values ($1, $2, $3, 10, $4, 1) returning id)
        update event set attempts = attempts + 1, attempt_ids = attempt_ids || made.id from made
        where shop_id = $1 and state = 'pending'`,
      [shop.id, shop.adAccountId, at, outcome],
    );
  }
}

test("a store that sends has no problems", async () => {
  const shop = await shopWith([{ at: ago(HOUR_MS) }, { state: "pending", at: ago(MINUTE_MS) }]);
  expect(await problemsOf(shop)).toEqual([]);
  expect(chooseBanner([])).toBeNull();
});

describe("the connection", () => {
  test("that Pinterest refuses is to be renewed, and how long events are kept is said", async () => {
    const shop = await shopWith(many(14, { state: "pending", at: ago(HOUR_MS) }));
    await pauseConnection(world, shop.id, "unauthorized", "system");
    const [problem, ...others] = await problemsOf(shop);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      id: "E01",
      severity: "critical",
      place: "banner",
      title: "Pinterest no longer accepts this connection",
      action: { label: "Reconnect", url: "/app/settings/connection" },
    });
    expect(await blockOf(shop)).toBe("Reconnect Pinterest first.");
    expect(problem?.nextStep).toMatch(/^Reconnect\. 14 events are kept until \w{3} \d+\.$/);
  });

  test("that a fault of ours stopped says what the fault is", async () => {
    const shop = await world.openShop();
    await pauseConnection(world, shop.id, "internal", "system");
    await world.db.pool.query(
      "update connection set trouble_detail = 'TypeError: x' where shop_id = $1",
      [shop.id],
    );
    expect(await blockOf(shop)).toBe("See the Help page first.");
    const [problem] = await problemsOf(shop);
    expect(problem).toMatchObject({ id: "E55", place: "banner", action: { url: "/app/help" } });
    expect(problem?.cause).toContain("(TypeError: x)");
    const context = {
      format: world.format(),
      storeCurrency: "EUR",
      isSignInOffered: true,
      notice: null,
    };
    const page = describeConnection(await readConnectionFacts(world, shop), context);
    expect(page.problem?.title).toBe(problem?.title);
    expect(page.problem?.cause).toBe(problem?.cause);
    expect(page.problem?.nextStep).toBe(problem?.nextStep);
    expect(page.problem?.nextStep).toContain("Help page");
  });

  test("all of whose events Pinterest refuses says its words", async () => {
    const shop = await shopWith(many(3, { state: "pending", at: ago(MINUTE_MS) }));
    await world.db.pool.query(
      "update connection set trouble = 'all_refused', trouble_detail = 'account suspended' where shop_id = $1",
      [shop.id],
    );
    const [problem] = await problemsOf(shop);
    expect(problem).toMatchObject({ id: "E54", severity: "critical", place: "banner" });
    expect(problem?.cause).toContain("“account suspended”");
  });

  test.each([
    ["forbidden", /^This Pinterest user can't send events for \d+$/],
    ["account_not_found", /^Pinterest does not let this connection send to \d+$/],
  ])("that is paused as %s names the ad account", async (reason, title) => {
    const shop = await world.openShop();
    await pauseConnection(world, shop.id, reason, "system");
    const [problem] = await problemsOf(shop);
    expect(problem).toMatchObject({ id: "E02", severity: "critical" });
    expect(problem?.title).toMatch(title);
    expect(problem?.nextStep).toContain("Your events are kept.");
  });

  test("that a person paused is resumed with a button", async () => {
    const shop = await shopWith([{ state: "pending", at: ago(2 * HOUR_MS) }]);
    await pauseConnection(world, shop.id, "merchant", "user:1");
    const problems = await problemsOf(shop);
    expect(problems).toMatchObject([
      { id: "E09", severity: "warning", action: { label: "Resume", intent: "resume" } },
    ]);
    expect(problems[0]?.cause).toContain("Someone on your staff paused it on ");
    expect(await blockOf(shop)).toBe("Resume sending first.");
    await world.db.pool.query("update connection set pause_reason = $2 where shop_id = $1", [
      shop.id,
      BILLING_PAUSE,
    ]);
    expect(await blockOf(shop)).toBe("Approve the plan first.");
  });

  test("whose sign-in ends within seven days says since when it could not be renewed", async () => {
    const shop = await world.openShop();
    const set = (days: number) =>
      world.db.pool.query(
        `update connection set kind = 'sign_in', refresh_expires_at = $2, renewal_failed_at = $3
          where shop_id = $1`,
        [shop.id, ago(-days * DAY_MS), ago(DAY_MS)],
      );
    await set(8);
    expect(await idsOf(shop)).toEqual([]);
    await set(6);
    const [problem] = await problemsOf(shop);
    expect(problem).toMatchObject({ id: "E10", severity: "warning", place: "banner" });
    expect(problem?.title).toMatch(/^Your Pinterest sign-in ends on \w{3} \d+$/);
  });
});

describe("waiting events", () => {
  test("are late after half an hour, but not while a paused connection explains it", async () => {
    const shop = await shopWith([{ state: "pending", at: ago(29 * MINUTE_MS) }]);
    expect(await idsOf(shop)).toEqual([]);
    await world.seed(shop, [{ state: "pending", at: ago(47 * MINUTE_MS) }]);
    expect(await problemsOf(shop)).toMatchObject([
      { id: "E05", severity: "critical", title: "Events are 47 minutes behind" },
    ]);
    const { status } = await world.read(shop);
    expect(status.badge).toEqual({ label: "Late", tone: "attention" });
    await pauseConnection(world, shop.id, "merchant", "user:1");
    expect(await idsOf(shop)).toEqual(["E09"]);
  });

  test("given by hand with an old time, or sent again a moment ago, are not late", async () => {
    const old = ago(5 * HOUR_MS);
    const shop = await shopWith([
      { state: "pending", source: "task", at: old },
      { state: "pending", at: old, nextAt: new Date() },
    ]);
    expect(await idsOf(shop)).toEqual([]);
  });

  test("of requests without an answer mean that Pinterest is down, from the third on", async () => {
    const shop = await shopWith([{ state: "pending", at: ago(10 * MINUTE_MS) }]);
    const lost = (minutes: number) => ({ outcome: "unknown", at: ago(minutes * MINUTE_MS) });
    await attempted(shop, [
      lost(9),
      { outcome: "outcomes", at: ago(8 * MINUTE_MS) },
      lost(7),
      lost(6),
    ]);
    expect(await idsOf(shop)).toEqual([]);
    await attempted(shop, [lost(5)]);
    const [problem] = await problemsOf(shop);
    expect(problem).toMatchObject({
      id: "E06",
      severity: "warning",
      place: "banner",
      action: null,
    });
    expect(problem?.cause).toMatch(/^3 requests failed since /);
  });

  test("that Pinterest's limit holds back go on at a time that is named", async () => {
    const shop = await shopWith([{ state: "pending", at: ago(5 * MINUTE_MS) }]);
    await attempted(shop, [{ outcome: "rate_limited", at: ago(16 * MINUTE_MS) }]);
    expect(await idsOf(shop)).toEqual([]);
    await attempted(shop, [{ outcome: "rate_limited", at: ago(MINUTE_MS) }]);
    expect(await problemsOf(shop)).toMatchObject([{ id: "E07", place: "attention" }]);
  });
});

describe("events that came to their end", () => {
  const refused = (reason: string, at = ago(2 * HOUR_MS)): SeededEvent => ({
    at,
    state: "rejected",
    reason,
  });

  test("refused purchases are counted with the answer most of them got", async () => {
    const shop = await shopWith([
      ...many(3, refused("The request was invalid.")),
      refused("Another reason"),
      refused("Too long ago", ago(8 * DAY_MS)),
      { ...refused("A sign-up"), kind: "signup" },
    ]);
    expect(await problemsOf(shop)).toMatchObject([
      {
        id: "E11",
        severity: "warning",
        place: "attention",
        title: "4 purchases were refused by Pinterest",
        cause: "Most common answer: “The request was invalid.”",
        action: { url: "/app/events?kind=checkout&state=rejected" },
      },
    ]);
  });

  test("more than one in twenty of an hour makes it critical", async () => {
    const soon = ago(5 * MINUTE_MS);
    const shop = await shopWith([refused("no", soon), ...many(19, { at: soon })]);
    expect(await problemsOf(shop)).toMatchObject([{ severity: "warning" }]);
    await world.seed(shop, [refused("no", soon)]);
    expect(await problemsOf(shop)).toMatchObject([
      { title: "2 purchases were refused by Pinterest", severity: "critical" },
    ]);
  });

  test("a field that Pinterest does not know is our mistake, and named", async () => {
    const shop = await shopWith([
      refused("Invalid request: Additional properties are not allowed ('flavor' was unexpected)"),
    ]);
    const [problem, ...others] = await problemsOf(shop);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ id: "E12", severity: "critical", place: "attention" });
    expect(problem?.cause).toContain("flavor is not known to Pinterest; 1 event was set aside");
  });

  test("a value without a currency is told apart from other refusals", async () => {
    const shop = await shopWith([refused("custom_data.currency is required with value")]);
    expect(await problemsOf(shop)).toMatchObject([
      { id: "E13", title: "1 event has a value without a currency" },
    ]);
  });

  test("one in twenty purchases without anything to match by is a problem", async () => {
    const unmatched: SeededEvent = { at: ago(DAY_MS), state: "skipped", reason: "no_match_key" };
    const shop = await shopWith([unmatched, ...many(29, { at: ago(DAY_MS) })]);
    expect(await idsOf(shop)).toEqual([]);
    await world.seed(shop, [unmatched]);
    expect(await problemsOf(shop)).toMatchObject([
      { id: "E14", title: "6.5% of purchases can't be matched" },
    ]);
  });

  test("events that ran out of time are named for a week, with why", async () => {
    const at = ago(8 * DAY_MS);
    const shop = await shopWith([
      { at, state: "expired", settledAt: ago(DAY_MS) },
      { at: ago(14 * DAY_MS), state: "expired", settledAt: ago(7.1 * DAY_MS) },
    ]);
    const problems = await problemsOf(shop);
    expect(problems).toMatchObject([{ id: "E15", title: "1 event ran out of time" }]);
    expect(problems[0]?.cause).toContain("(the connection to Pinterest was off)");
  });
});

describe("what Shopify gives", () => {
  test("a permission that this version needs and the store has not given is named", async () => {
    const shop = await world.openShop();
    await world.db.pool.query("update shop set scopes = 'write_orders' where id = $1", [shop.id]);
    const [problem] = await problemsOf(shop);
    expect(problem).toMatchObject({ id: "E21", severity: "critical", place: "banner" });
    expect(problem?.cause).toContain("This version needs read_customers;");
  });

  test("orders without a word of who bought mean that customer data is not shared", async () => {
    const shop = await shopWith(many(5, { at: ago(HOUR_MS), keyBits: 1 << 13 }));
    expect(await problemsOf(shop)).toMatchObject([{ id: "E22", severity: "critical" }]);
    await world.seed(shop, [{ at: ago(MINUTE_MS), keyBits: 1 }]);
    expect(await idsOf(shop)).toEqual([]);
  });
});

test("the banner is the worst, and of those the first of the catalogue; rows never become one", async () => {
  const shop = await shopWith([
    { state: "rejected", reason: "no", at: ago(HOUR_MS), keyBits: 0 },
    ...many(5, { at: ago(2 * HOUR_MS), keyBits: 1 << 13 }),
  ]);
  await pauseConnection(world, shop.id, "merchant", "user:1");
  const problems = await problemsOf(shop);
  expect(problems.map(({ id }) => id)).toEqual(["E09", "E11", "E22"]);
  expect(chooseBanner(problems)?.id).toBe("E22");
  expect(chooseBanner(problems.filter(({ id }) => id !== "E22"))?.id).toBe("E09");
  expect(chooseBanner(problems.filter(({ id }) => id === "E11"))).toBeNull();
  const { page, status } = await world.read(shop);
  expect(page.banner?.id).toBe("E22");
  expect(page.attention.problems.map(({ id }) => id)).toEqual(["E09", "E11"]);
  expect(status.banner).toMatchObject({ id: "E22", tone: "critical" });
});

test("what is not in earnest is marked beside every title, and a real store has no mark", async () => {
  const shop = await world.openShop();
  const marksWith = async (config: { PINTEREST_API_URL: string; SHOPIFY_SANDBOX_URL?: string }) => {
    const reader = { shop, format: world.format() };
    const read = await readStatusAndProblems(
      { db: world.db, config: { SCOPES, ...config } },
      reader,
    );
    return read.status.marks;
  };
  const real = { PINTEREST_API_URL: "https://api.pinterest.com/v5" };
  const local = { PINTEREST_API_URL: "http://127.0.0.1:9/v5" };
  const SHOPIFY_SANDBOX_URL = "http://127.0.0.1:9";
  expect(await marksWith(real)).toEqual([]);
  expect(await marksWith(local)).toEqual(["Test API"]);
  expect(await marksWith({ ...local, SHOPIFY_SANDBOX_URL })).toEqual(["Demo data", "Test API"]);
});
