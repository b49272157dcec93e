import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readPixelBody } from "#app/intake/pixel/read-pixel-body.server.ts";
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

  test.each(["undefined", "NULL", "{{epik}}", "%%epik%%"])(
    "is not lost to an address or a cookie that says %s",
    async (none) => {
      for (const where of [{ search: `?epik=${none}` }, { cookie: `_epik=${none}` }]) {
        const page = openThemePage({ ...where, stored: stored("older", 3) });
        await pass();
        expect(page.requests).toEqual([note("older")]);
        expect(page.stored.get("_pinrelay_epik")).toBe(stored("older", 3).get("_pinrelay_epik"));
      }
    },
  );

  test("replaces what is stored and cannot be read, and a date to come", async () => {
    for (const text of ["undefined", "{", "5", '"x"', '{"value":5}']) {
      const page = openThemePage({
        search: "?epik=dj0yJnU9",
        stored: new Map([["_pinrelay_epik", text]]),
      });
      await pass();
      expect(page.requests).toEqual([note("dj0yJnU9")]);
      expect(JSON.parse(page.stored.get("_pinrelay_epik") ?? "").value).toBe("dj0yJnU9");
    }
    const ahead = openThemePage({ stored: stored("older", -400) });
    await pass();
    expect(ahead.requests).toEqual([note("older")]);
    const { at } = JSON.parse(ahead.stored.get("_pinrelay_epik") ?? "");
    expect(at).toBeLessThan(NOW.getTime() + DAY_MS);
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

describe("a refusal", () => {
  const noted = (_pinrelay_consent: string) => ({
    url: "/cart/update.js",
    body: { attributes: { _pinrelay_consent } },
  });

  test.each([["no"], ["false"], [false]])(
    "that the shopper gave as %j is noted in the cart, once, and taken back with a later grant",
    async (answer) => {
      const page = openThemePage({ consent: { ...REFUSED, answer } });
      page.changeConsent({ ...REFUSED, answer });
      await pass();
      expect([page.requests, page.stored.size]).toEqual([[noted("refused")], 0]);
      const next = openThemePage({
        consent: { ...REFUSED, answer },
        facts: { refusal: "refused" },
      });
      await pass();
      expect(next.requests).toEqual([]);
      next.changeConsent({ ...ALLOWED, answer: "yes" });
      await pass();
      expect(next.requests).toEqual([noted("")]);
    },
  );

  test("takes the click id out of the cart with it", async () => {
    const page = openThemePage({ search: "?epik=dj0yJnU9" });
    await pass();
    page.changeConsent({ ...REFUSED, answer: "no" });
    await pass();
    expect(page.requests.at(-1)?.body).toEqual({
      attributes: { _epik: "", _pinrelay_consent: "refused" },
    });
  });

  test("is none where the shopper was not asked yet", async () => {
    const page = openThemePage({ consent: { ...REFUSED, answer: "" } });
    await pass();
    expect(page.requests).toEqual([]);
  });
});

test("where Shopify sees the shopper is kept for the pixel, with consent only", async () => {
  const page = openThemePage({ region: "USCA" });
  await pass();
  expect(page.stored.get("_pinrelay_region")).toBe("USCA");
  page.changeConsent(REFUSED);
  expect(page.stored.size).toBe(0);
});

describe("a form for an account or a newsletter", () => {
  const facts = { pixel: "https://app.test/pixel#key-1" };
  const shopify = { shop: "demo.myshopify.com" };
  const newsletter = { form_type: "customer", "contact[email]": " Jane@Example.com " };
  /** SHA-256 of jane@example.com. */
  const DIGEST = "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d";
  const submit = async (options: object, fields: Record<string, string> = newsletter) => {
    const page = openThemePage({ facts, shopify, ...options });
    await pass();
    const before = page.requests.length;
    page.submit(fields);
    await vi.waitUntil(() => page.requests.length > before, { timeout: 200 }).catch(() => null);
    return page.requests.slice(before);
  };
  const read = (body: object) =>
    readPixelBody(Buffer.from(JSON.stringify(body)), {
      address: "203.0.113.9",
      userAgent: "Firefox",
      atMs: Date.now(),
    });

  test("is told by the email's digest, with what the browser is known by", async () => {
    const [told, ...others] = await submit({
      search: "?epik=dj0yJnU9",
      cookie: "_shopify_y=client-1",
      region: "USCA",
    });
    expect(others).toEqual([]);
    expect(told?.url).toBe("https://app.test/pixel");
    expect(JSON.stringify(told)).not.toMatch(/jane|example\.com"/i);
    expect(read(told?.body)).toMatchObject({
      kind: "event",
      shop: "demo.myshopify.com",
      key: "key-1",
      event: {
        action: { kind: "signup_form", emailDigest: DIGEST },
        consent: { marketingAllowed: true, saleOfDataAllowed: true },
        evidence: {
          clientId: "client-1",
          clickId: "dj0yJnU9",
          userAgent: "Firefox",
          location: "USCA",
          page: "https://shop.example/pages/club?x=1",
        },
      },
    });
    const account = { form_type: "create_customer", "customer[email]": "jane@example.com" };
    const [second] = await submit({}, account);
    expect(second?.body.event.customData).toEqual({ email_digest: DIGEST });
  });

  test("of a shopper who refuses is told by the digest and the refusal alone", async () => {
    const consent = { ...REFUSED, answer: "no" };
    const [told] = await submit({ consent, cookie: "_shopify_y=client-1", region: "USCA" });
    expect(told?.body).toEqual({
      shop: "demo.myshopify.com",
      pixel_key: "key-1",
      consent: { marketingAllowed: false, saleOfDataAllowed: true },
      event: {
        id: expect.any(String),
        name: "pinrelay:signup_form",
        timestamp: expect.any(String),
        customData: { email_digest: DIGEST },
      },
    });
  });

  test.each([
    ["another form", {}, { ...newsletter, form_type: "contact" }],
    ["a form to sign in", {}, { form_type: "customer_login", "customer[email]": "a@b.example" }],
    ["a form of the theme's own", {}, { email: "a@b.example" }],
    ["a form without an email", {}, { ...newsletter, "contact[email]": "" }],
    ["a shopper who was not asked yet", { consent: REFUSED }, newsletter],
    ["a store whose pixel is not known", { facts: {} }, newsletter],
  ])("is not told: %s", async (_, options, fields) => {
    expect(await submit(options, fields)).toEqual([]);
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
