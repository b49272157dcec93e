import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { parseNotes } from "#app/events/match-notes.ts";
import type { BrowserConsent, Visit, VisitEvidence } from "#app/events/visit.ts";
import { joinHeldEvent } from "#app/mapping/join-visit.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import {
  type Body,
  buildPolicy,
  fixture,
  NOW,
  read,
  sentEvent,
  skipReason,
  webOrder,
} from "./web-order.ts";

const TOKEN = "5dcb1bbdf6b21e1d2cfd6f4e5a7b8c9d";
const AGENT = "Mozilla/5.0 (Macintosh) Safari/605.1.15";
const EVIDENCE: VisitEvidence = {
  clientId: "client-1",
  clickId: "dj0yJnU9Visit",
  ip: "203.0.113.7",
  userAgent: AGENT,
  language: "fr-CA",
  location: null,
  page: `https://shop.example/fr-ca/checkouts/cn/${TOKEN}/information?key=secret&_r=2`,
};

interface Told {
  ids?: Pick<Visit, "startedEventId" | "completedEventId">;
  consent?: Partial<BrowserConsent>;
  evidence?: Partial<VisitEvidence>;
}

function visit({ ids, consent, evidence }: Told = {}): Visit {
  return {
    startedEventId: "sh-started",
    completedEventId: "sh-completed",
    ...ids,
    consent: { marketingAllowed: true, saleOfDataAllowed: true, ...consent },
    evidence: { ...EVIDENCE, ...evidence },
  };
}

function map(topic: string, body: Body, found: Visit | null, settings: Body = {}): MappedEvent {
  const webhook = read(topic, body);
  if (webhook.kind !== "store_event") throw new Error(JSON.stringify(webhook));
  const mapped = mapStoreEvent(webhook.event, buildPolicy(settings), NOW, found);
  if (mapped === null) throw new Error("fed no event");
  return mapped;
}

const order = (changes: Body, found: Visit | null, settings: Body = {}) =>
  map("orders/create", webOrder({ checkout_token: TOKEN, ...changes }), found, settings);

const originOf = (mapped: MappedEvent, key: string) =>
  parseNotes(mapped.notes).find((note) => note.key === key);

const digestOf = (text: string) => hash("sha256", text, "hex");

describe("an order whose visit is complete", () => {
  test("takes the browser's id, client id, click id, address, user agent and page", () => {
    const unlanded = { landing_site: "/products/apron", note_attributes: [] };
    const mapped = order({ ...unlanded, customer_locale: null }, visit());
    const event = sentEvent(mapped);
    expect(mapped).toMatchObject({ eventId: "sh-completed", idSource: "browser" });
    expect(event).toMatchObject({
      event_id: "sh-completed",
      language: "fr",
      event_source_url: "https://shop.example/fr-ca/checkouts",
      user_data: {
        click_id: "dj0yJnU9Visit",
        client_ip_address: "203.0.113.7",
        client_user_agent: AGENT,
      },
    });
    expect(event.user_data.external_id).toContain(digestOf("client-1"));
    for (const key of ["click_id", "client_ip_address", "client_user_agent"]) {
      expect(originOf(mapped, key)).toEqual({ key, origins: ["browser"] });
    }
    expect(originOf(mapped, "external_id")).toMatchObject({ origins: ["customer", "browser"] });
    expect(mapped.consent).toBe("allowed:browser");
  });

  test("keeps its own language, and the click id of its landing page before the visit's", () => {
    const own = { landing_site: "/?epik=dj0yLanded", customer_locale: "de-DE" };
    const event = sentEvent(order(own, visit()));
    expect(event.user_data.click_id).toBe("dj0yLanded");
    expect(event.language).toBe("de");
    const noted = { landing_site: "/", note_attributes: [{ name: "_epik", value: "dj0yNoted" }] };
    expect(sentEvent(order(noted, visit())).user_data.click_id).toBe("dj0yJnU9Visit");
    const none = visit({ evidence: { clickId: "undefined" } });
    expect(sentEvent(order(noted, none)).user_data.click_id).toBe("dj0yNoted");
  });

  test("keeps what it has where the browser tells nothing usable", () => {
    const empty = { clientId: null, clickId: null, ip: "192.168.1.4", userAgent: null };
    const odd = visit({ evidence: { ...empty, language: null, page: "javascript:alert(1)" } });
    const [alone, joined] = [sentEvent(order({}, null)), sentEvent(order({}, odd))];
    expect(joined).toEqual({ ...alone, event_id: "sh-completed" });
  });

  test.each([
    ["another site", "https://evil.example/products/apron", "https://shop.example/products/apron"],
    ["its name at Shopify", "https://demo.myshopify.com/cart?x", "https://demo.myshopify.com/cart"],
    ["another's name there", "https://other.myshopify.com/cart", "https://shop.example/cart"],
    ["a like name", "https://notshop.example/a", "https://shop.example/a"],
    ["a name below its own", "https://pay.shop.example/a", "https://pay.shop.example/a"],
    ["its name with www", "https://www.shop.example/a", "https://www.shop.example/a"],
  ])("names no page of a host that is not the shop's: %s", (_name, page, url) => {
    expect(sentEvent(order({}, visit({ evidence: { page } }))).event_source_url).toBe(url);
  });

  test("that is known by its address and user agent alone can be sent", () => {
    const nobody = { email: null, contact_email: null, phone: null, customer: null };
    const bare = { ...nobody, browser_ip: null, client_details: null };
    expect(skipReason(order(bare, null))).toBe("no_match_key");
    expect(skipReason(order(bare, visit()))).toBeNull();
  });
});

test.each([
  ["a till", { source_name: "pos" }],
  ["a draft order", { source_name: "shopify_draft_order" }],
  ["the staff", { user_id: 7 }],
])("an order by %s takes no evidence of a browser, which may be the staff's", (_name, changes) => {
  const person = sentEvent(order(changes, visit())).user_data;
  expect(person.client_ip_address).toBeUndefined();
  expect(person.client_user_agent).toBeUndefined();
  expect(person.click_id).not.toBe("dj0yJnU9Visit");
  expect(person.external_id ?? []).not.toContain(digestOf("client-1"));
});

describe("consent", () => {
  const refused = visit({ consent: { marketingAllowed: false } });
  const silent = visit({ consent: { marketingAllowed: null } });
  const french = { shipping_address: { country_code: "FR" } };

  test("that was given allows an order where it is required; a refusal blocks it anywhere", () => {
    expect(skipReason(order(french, null))).toBe("consent_unknown");
    expect(skipReason(order(french, visit()))).toBeNull();
    const mapped = order({}, refused);
    expect([skipReason(mapped), mapped.consent]).toEqual(["consent_refused", "refused:browser"]);
    expect(order(french, silent).consent).toBe("unknown:consent.EU");
    expect(order({}, silent).consent).toBe("allowed:consent.default");
  });

  test("without the sale of data limits what Pinterest may do with it", () => {
    const event = sentEvent(order({}, visit({ consent: { saleOfDataAllowed: false } })));
    expect(event.custom_data?.opt_out_type).toBe("LDP");
    expect(event.user_data).toMatchObject({ st: expect.anything(), country: expect.anything() });
    expect(sentEvent(order({}, visit())).custom_data?.opt_out_type).toBeUndefined();
  });
});

describe("where Shopify sees the shopper", () => {
  const nowhere = { shipping_address: null, billing_address: null, customer: null };

  test("says which rule of consent counts where no address does, before the shop's own country", () => {
    const at = (location: string | null) =>
      visit({ consent: { marketingAllowed: null }, evidence: { location } });
    expect(order(nowhere, at("DEBY")).consent).toBe("unknown:consent.EU");
    expect(order(nowhere, at("GB")).consent).toBe("unknown:consent.GB");
    expect(order(nowhere, at("none")).consent).toBe("allowed:consent.default");
    const american = { ...nowhere, shipping_address: { country_code: "US" } };
    expect(order(american, at("DEBY")).consent).toBe("allowed:consent.default");
  });

  test("goes with an opt-out from the sale of data as country and state, where no address does", () => {
    const optedOut = (location: string | null, saleOfDataAllowed = false) =>
      visit({ consent: { saleOfDataAllowed }, evidence: { location } });
    const mapped = order(nowhere, optedOut("USCA"));
    const place = { st: [digestOf("ca")], country: [digestOf("us")] };
    expect(sentEvent(mapped)).toMatchObject({
      custom_data: { opt_out_type: "LDP" },
      user_data: place,
    });
    expect(originOf(mapped, "st")).toEqual({ key: "st", origins: ["browser"] });
    const french = { ...nowhere, shipping_address: { country_code: "FR" } };
    const ofAddress = sentEvent(order(french, optedOut("USCA"))).user_data;
    expect([ofAddress.country, ofAddress.st]).toEqual([[digestOf("fr")], undefined]);
    const allowed = sentEvent(order(nowhere, optedOut("USCA", true))).user_data;
    expect(allowed.country).toBeUndefined();
  });
});

describe("a refusal that the cart notes", () => {
  const refused = { note_attributes: [{ name: "_pinrelay_consent", value: "refused" }] };

  test("blocks the order and the checkout in every region, whatever the browser said before", () => {
    for (const found of [null, visit()]) {
      const mapped = order(refused, found);
      expect([skipReason(mapped), mapped.consent]).toEqual(["consent_refused", "refused:browser"]);
    }
    const checkout = { ...fixture("2026-07.checkouts_create"), ...refused };
    const at = { created_at: new Date((NOW - 60) * 1_000).toISOString() };
    expect(skipReason(map("checkouts/create", { ...checkout, ...at }, null))).toBe(
      "consent_refused",
    );
  });

  test("is gone once the theme emptied it", () => {
    const taken = { note_attributes: [{ name: "_pinrelay_consent", value: "" }] };
    expect(skipReason(order(taken, null))).toBeNull();
  });
});

describe("an order whose purchase the browser has not told yet", () => {
  const early = visit({ ids: { startedEventId: "sh-started", completedEventId: null } });
  const heldFor = (mapped: MappedEvent) =>
    mapped.outcome.kind === "send" ? (mapped.outcome.heldForBrowser ?? null) : null;

  test("is held for it, as long as the shop says, under its own id", () => {
    const mapped = order({}, early, { hold_seconds: 45 });
    expect(heldFor(mapped)).toMatchObject({ checkoutToken: TOKEN, seconds: 45 });
    expect(mapped).toMatchObject({ idSource: "order" });
    expect(sentEvent(mapped).user_data.client_ip_address).toBe("203.0.113.7");
  });

  test.each([
    ["a hold of 0", {}, early, { hold_seconds: 0 }],
    ["no visit", {}, null, {}],
    ["a complete visit", {}, visit(), {}],
    ["another source", { source_name: "580111" }, early, {}],
    ["the staff", { user_id: 7 }, early, {}],
    ["no checkout", { checkout_token: null }, early, {}],
  ])("is not held with %s", (_name, changes, found, settings) => {
    expect(heldFor(order(changes, found, settings))).toBeNull();
  });

  test("is joined later to the same event as if the visit had been complete", () => {
    const held = order({}, early);
    const late = visit({ evidence: { ip: "203.0.113.99", clickId: "dj0yLater" } });
    const joined = joinHeldEvent(
      { event: sentEvent(held), notes: held.notes, shopDomain: "demo.myshopify.com" },
      late,
    );
    const direct = order({}, late);
    expect(joined).toEqual({
      event: sentEvent(direct),
      notes: direct.notes,
      keyBits: direct.keyBits,
      choice: { refusal: null, record: "allowed:browser" },
    });
  });
});

test("a checkout takes the id of the browser's own start of it", () => {
  const checkout = { ...fixture("2026-07.checkouts_create"), email: "a@example.com" };
  const at = { created_at: new Date((NOW - 60) * 1_000).toISOString() };
  const mapped = map("checkouts/create", { ...checkout, ...at }, visit());
  expect(mapped).toMatchObject({ eventId: "sh-started", idSource: "browser" });
  expect(sentEvent(mapped).user_data.client_ip_address).toBe("203.0.113.7");
});
