import { describe, expect, test } from "vitest";
import type { GivenEvent } from "#app/events/given-event.ts";
import { MATCH_KEYS } from "#app/events/match-keys.ts";
import { type KeyNote, parseNotes } from "#app/events/match-notes.ts";
import { mapGivenEvent } from "#app/mapping/map-given-event.server.ts";
import { customerBody } from "#test/sandbox/sample-customers.ts";
import { NOBODY as NO_PERSON } from "#test/support/task-fixture.ts";
import {
  type Body,
  buildPolicy,
  fixture,
  mapOrderBody,
  mapWebhook,
  NOW,
  SAMPLE_NOW,
  sentEvent,
} from "./web-order.ts";

const said = (notes: string) =>
  Object.fromEntries(notes.split(";").map((note) => note.split("=") as [string, string]));

const notesOf = (changes: Body = {}) => said(mapOrderBody(changes).notes);

const NOBODY = {
  email: null,
  contact_email: null,
  phone: null,
  customer: null,
  billing_address: null,
  shipping_address: null,
};
const ORDER_KEYS =
  "em ph fn ln ct st zp country external_id click_id client_ip_address client_user_agent";

/** A note says that a key is there exactly where it is, and every key that was looked for has one. */
function expectTrue(mapped: ReturnType<typeof mapOrderBody>): void {
  const userData = sentEvent(mapped).user_data;
  const notes = parseNotes(mapped.notes);
  const isKept = (note: KeyNote) => "origins" in note;
  const kept = notes.filter(isKept).map(({ key }) => key);
  expect(kept).toEqual(MATCH_KEYS.filter((key) => userData[key] !== undefined));
}

describe("of a purchase", () => {
  test("every key of the event says where it came from", () => {
    const mapped = mapOrderBody();
    expect(parseNotes(mapped.notes).map(({ key }) => key)).toEqual(ORDER_KEYS.split(" "));
    expectTrue(mapped);
    expect(said(mapped.notes)).toMatchObject({
      click_id: "landing",
      client_ip_address: "order",
      client_user_agent: "order",
      external_id: "customer",
    });
  });

  test("a value that several give is the first one's, and different ones name each", () => {
    const emails = { email: "a@x.com", contact_email: "A@x.com ", customer: { email: "b@x.com" } };
    expect(notesOf(emails).em).toBe("order+customer");
    expect(notesOf({ ...emails, email: null }).em).toBe("contact+customer");
    const billing = { first_name: "Jane", last_name: "Doe", city: "Paris", zip: "1" };
    const shipping = { first_name: "Jan", last_name: "doe", city: "Lyon", zip: "1" };
    const noted = notesOf({ billing_address: billing, shipping_address: shipping, customer: null });
    expect(noted).toMatchObject({
      fn: "billing+shipping",
      ln: "billing",
      ct: "billing+shipping",
      st: "!absent",
      country: "!absent",
      external_id: "!absent",
    });
  });

  test("at a till the customer's own address stands in, and the browser is the staff's", () => {
    const home = { city: "Ottawa", zip: "K2H 7A8", province_code: "ON", country_code: "CA" };
    const customer = { id: 5, email: "a@x.com", default_address: home };
    expect(notesOf({ ...NOBODY, source_name: "pos", customer })).toMatchObject({
      em: "customer",
      ct: "home",
      fn: "!absent",
      client_ip_address: "!staff",
      client_user_agent: "!staff",
    });
  });

  test("a phone number that is none says in which country it was read", () => {
    const contact = { ...NOBODY, email: "a@x.com", phone: "555 0100" };
    expect(notesOf({ ...contact, billing_address: { country_code: "US" } }).ph).toBe(
      "!incomplete:US",
    );
    expect(notesOf(contact).ph).toBe("!incomplete");
    expect(notesOf({ ...contact, phone: null }).ph).toBe("!absent");
  });

  test("what is nothing after normalising is told from what is not there", () => {
    const blank = { first_name: " ", city: "-", zip: "x1", country_code: "US" };
    const noted = notesOf({ ...NOBODY, email: "a@x.com", billing_address: blank });
    expect(noted).toMatchObject({
      fn: "!unusable",
      ln: "!absent",
      ct: "!unusable",
      zp: "!unusable:US",
      country: "billing",
    });
    const wild = mapOrderBody({ landing_site: "/?epik=two%20words", note_attributes: [] });
    expect(said(wild.notes).click_id).toBe("!unusable");
    expect(notesOf({ landing_site: null }).click_id).toBe("cart");
    expect(notesOf({ landing_site: null, note_attributes: [] }).click_id).toBe("!absent");
  });

  test("the browser is left out for the reason that holds", () => {
    const ip = (changes: Body) => notesOf({ email: "a@x.com", ...changes }).client_ip_address;
    expect(ip({ source_name: "1234567" })).toBe("!elsewhere");
    expect(ip({ user_id: 799407056 })).toBe("!staff");
    expect(ip({ source_name: "shopify_draft_order" })).toBe("!staff");
    expect(ip({ client_details: null, browser_ip: null })).toBe("!absent");
    expect(ip({ client_details: { browser_ip: "unknown" } })).toBe("!unusable");
  });

  test("nothing that the shopper wrote is in them", () => {
    const order = { ...NOBODY, email: "jane@x.com", phone: "555 0100", source_name: "jane's app" };
    const { notes } = mapOrderBody({
      ...order,
      billing_address: { country_code: "JANE DOE", zip: "-" },
    });
    expect(notes.toLowerCase()).not.toContain("jane");
    expect(notes).not.toContain("555");
    expect(notes).toMatch(/^[\w=;+!:]+$/);
  });
});

describe("of other events", () => {
  test("one given by hand names what was given, and what of it was of no use", () => {
    const given = {
      name: "lead",
      actionSource: "web",
      occurredAtSeconds: null,
      sourceUrl: null,
      value: null,
      currency: "USD",
      orderId: null,
      itemCount: 1,
      contents: [],
      person: {
        ...NO_PERSON,
        emails: ["a@x.com"],
        phones: ["555"],
        countries: ["CA"],
        genders: ["x"],
      },
      clientIpAddress: "203.0.113.24",
      clientUserAgent: null,
      clickId: null,
      optOut: null,
      optOutType: null,
    } as const satisfies GivenEvent;
    const { mapped } = mapGivenEvent(given, "e1", NOW);
    expectTrue(mapped);
    expect(said(mapped.notes)).toMatchObject({
      em: "given",
      ph: "!incomplete:CA",
      ge: "!unusable",
      db: "!absent",
      client_ip_address: "given",
      click_id: "!absent",
    });
    const hashed = { ...given, person: { ...NO_PERSON, isHashed: true, emails: ["0".repeat(64)] } };
    expectTrue(mapGivenEvent(hashed, "e1", NOW).mapped);
  });

  test("a checkout's notice carries no browser, a sign-up's neither browser nor click", () => {
    const checkout = mapWebhook(
      "checkouts/create",
      fixture("2026-07.checkouts_create"),
      buildPolicy(),
      SAMPLE_NOW,
    );
    expect(said(checkout?.notes ?? "")).toMatchObject({ client_ip_address: "!untold" });
    const at = new Date(NOW * 1_000);
    const signup = mapWebhook("customers/create", customerBody({ id: 7, createdAt: at }) as Body);
    expect(said(signup?.notes ?? "")).toMatchObject({
      em: "customer",
      click_id: "!untold",
      client_ip_address: "!untold",
      client_user_agent: "!untold",
    });
  });

  test("a skip says nothing of keys that nobody looked at, and all of an event that had none", () => {
    expect(mapOrderBody({ test: true }).notes).toBe("");
    const unknown = mapOrderBody({ ...NOBODY, client_details: null, browser_ip: null });
    expect(unknown.outcome).toEqual({ kind: "skip", reason: "no_match_key" });
    expect(said(unknown.notes)).toMatchObject({ em: "!absent", client_ip_address: "!absent" });
  });
});
