import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openThemePage } from "./theme-page.ts";

const NOW = new Date("2026-11-24T10:00:00Z");
const DAY_MS = 86_400_000;
const TAG = "2613041334883";
const ALLOWED = { marketing: true };
const REFUSED = { marketing: false };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds = 10_000) => vi.advanceTimersByTimeAsync(milliseconds);
const stored = (value: string, days: number) =>
  new Map([["_pinrelay_epik", JSON.stringify({ value, at: NOW.getTime() - days * DAY_MS })]]);
const note = (_epik: string) => ({ url: "/cart/update.js", body: { attributes: { _epik } } });

describe("the theme's script and the click id", () => {
  test("of a landing page it stores and notes in the cart, once", async () => {
    const page = openThemePage({ search: "?a=1&EPIK=dj0yJnU9" });
    page.changeConsent(ALLOWED);
    await pass();
    expect(page.stored.get("_pinrelay_epik")).toBe(stored("dj0yJnU9", 0).get("_pinrelay_epik"));
    expect(page.requests).toEqual([note("dj0yJnU9")]);
    const next = openThemePage({ stored: page.stored, facts: { noted: "dj0yJnU9" } });
    await pass();
    expect(next.requests).toEqual([]);
  });

  test("is Pinterest's cookie where the address has none, then what was stored within a year", async () => {
    const inCookie = openThemePage({ cookie: "a=1; _epik=cookie", stored: stored("older", 3) });
    const onlyStored = openThemePage({ stored: stored("older", 364) });
    const tooOld = openThemePage({ stored: stored("older", 366) });
    await pass();
    expect(inCookie.requests).toEqual([note("cookie")]);
    expect(onlyStored.requests).toEqual([note("older")]);
    expect(onlyStored.stored.get("_pinrelay_epik")).toBe(
      stored("older", 364).get("_pinrelay_epik"),
    );
    expect(tooOld.requests).toEqual([]);
  });

  test("stays in memory until consent, and outlives the choice", async () => {
    const page = openThemePage({ search: "?epik=dj0yJnU9", consent: REFUSED });
    await pass();
    expect([page.requests, [...page.stored]]).toEqual([[], []]);
    page.changeConsent(ALLOWED);
    await pass();
    expect(page.requests).toEqual([note("dj0yJnU9")]);
  });

  test("goes from the browser and from the cart when consent is withdrawn", async () => {
    const page = openThemePage({ stored: stored("older", 3), facts: { noted: "older" } });
    await pass();
    expect(page.stored.size).toBe(2);
    page.changeConsent(REFUSED);
    expect(page.stored.size).toBe(0);
    await pass();
    expect(page.requests).toEqual([note("")]);
  });

  test("is noted in the cart though storage is refused", async () => {
    const page = openThemePage({ search: "?epik=dj0yJnU9", isPrivate: true });
    await pass();
    expect(page.requests).toEqual([note("dj0yJnU9")]);
    page.changeConsent(REFUSED);
    await pass();
    expect(page.requests).toEqual([note("dj0yJnU9"), note("")]);
  });

  test.each([
    ["in the theme editor", { shopify: { designMode: true } }],
    ["where the block is not on the page", { facts: null }],
    ["where Shopify cannot tell consent", { consent: null }],
  ])("is left alone %s", async (_, options) => {
    const page = openThemePage({
      search: "?epik=dj0yJnU9",
      stored: stored("older", 3),
      ...options,
    });
    await pass();
    expect([page.requests, page.reports, page.stored]).toEqual([[], [], stored("older", 3)]);
  });
});

describe("Pinterest's tag for audiences", () => {
  const facts = { tagId: TAG, email: "ab".repeat(32) };

  test("is loaded with the digest of the e-mail, and asked to track nothing", async () => {
    const page = openThemePage({ facts });
    await pass();
    expect(page.scripts).toEqual([{ async: true, src: "https://s.pinimg.com/ct/core.js" }]);
    expect(page.calls()).toEqual([
      ["setconsent", true],
      ["load", TAG, { em: facts.email }],
    ]);
    page.changeConsent(REFUSED);
    await pass();
    expect(page.calls().at(-1)).toEqual(["setconsent", false]);
    expect(page.scripts).toHaveLength(1);
  });

  test.each([
    ["marketing is refused", { facts, consent: REFUSED }],
    ["the sale of data is refused", { facts, consent: { marketing: true, saleOfData: false } }],
    ["no tag is chosen", {}],
    ["another tag is on the page", { facts, pintrk: Object.assign(() => {}, { queue: [] }) }],
  ])("is not loaded where %s", async (_, options) => {
    const page = openThemePage(options);
    await pass();
    expect(page.scripts).toEqual([]);
  });

  test("is not loaded where consent goes before the page is quiet", async () => {
    const page = openThemePage({ facts });
    page.changeConsent(REFUSED);
    await pass();
    expect(page.scripts).toEqual([]);
  });
});

describe("the report of a page", () => {
  const asked = (id: string, eventId: string) =>
    `https://ct.pinterest.com/v3/?event=checkout&tid=${id}&ed=${encodeURIComponent(JSON.stringify({ event_id: eventId }))}`;
  const reportOf = async (options: Parameters<typeof openThemePage>[0]) => {
    const page = openThemePage(options);
    await pass();
    return page.reports;
  };
  const report = { name: "pinrelay:page_report", embed: true };

  test("names other tags by what they asked Pinterest for, and whether their ids are Shopify's", async () => {
    expect(await reportOf({ asked: [asked("111111", "sh-1"), asked("111111", "sh-2")] })).toEqual([
      { ...report, tags: ["111111"], shares_ids: true, cookie: false },
    ]);
    expect(await reportOf({ asked: [asked("111111", "sh-1"), asked("222222", "own-2")] })).toEqual([
      { ...report, tags: ["111111", "222222"], shares_ids: false, cookie: false },
    ]);
  });

  test("reads what still waits in a tag's queue", async () => {
    const queue = [
      ["load", "333333"],
      ["page"],
      ["track", "checkout", { event_id: "own-1" }],
      ["track", "search"],
    ];
    expect(await reportOf({ pintrk: Object.assign(() => {}, { queue }) })).toEqual([
      { ...report, tags: ["333333"], shares_ids: false, cookie: false },
    ]);
  });

  test("tells of Pinterest's cookie without a tag, and not of our own tag", async () => {
    const cookie = "_pin_unauth=dWlk";
    expect(await reportOf({ cookie })).toEqual([
      { ...report, tags: [], shares_ids: null, cookie: true },
    ]);
    const own = await reportOf({ cookie, facts: { tagId: TAG }, asked: [asked(TAG, "")] });
    expect(own).toEqual([{ ...report, tags: [], shares_ids: null, cookie: false }]);
  });

  test("is published once a day, and again when it says something else", async () => {
    const known = new Map<string, string>();
    const [tag] = [asked("111111", "sh-1")];
    expect(await reportOf({ stored: known })).toHaveLength(1);
    expect(await reportOf({ stored: known })).toHaveLength(0);
    expect(await reportOf({ stored: known, asked: [tag] })).toHaveLength(1);
    vi.setSystemTime(NOW.getTime() + DAY_MS);
    expect(await reportOf({ stored: known, asked: [tag] })).toHaveLength(1);
  });

  test("is published with consent only", async () => {
    expect(await reportOf({ consent: REFUSED })).toEqual([]);
  });
});

test("a page on which everything fails sees nothing of it", async () => {
  const fails = () => {
    throw new Error("broken");
  };
  const customerPrivacy = { marketingAllowed: fails, saleOfDataAllowed: fails };
  expect(() => openThemePage({ shopify: { customerPrivacy } })).not.toThrow();
  expect(() => openThemePage({ shopify: { loadFeatures: undefined } })).not.toThrow();
  expect(() => openThemePage({ shopify: { analytics: undefined } })).not.toThrow();
  await pass();
});
