import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { matchKeysFromBits } from "#app/events/match-keys.ts";
import { type Body, mapOrderBody, sentEvent, skipReason, webOrder } from "./web-order.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const userData = (changes: Body) => sentEvent(mapOrderBody(changes)).user_data;

const NOBODY = {
  email: null,
  contact_email: null,
  phone: null,
  customer: null,
  billing_address: null,
  shipping_address: null,
};

describe("who bought", () => {
  test("every different email counts, the order's own first", () => {
    const emails = { email: "B@x.com", contact_email: "b@X.com ", customer: { email: "a@x.com" } };
    expect(userData(emails).em).toEqual([sha256("b@x.com"), sha256("a@x.com")]);
  });

  test("phones come from the order, the customer, billing and shipping, each in its country", () => {
    const { ph } = userData({
      phone: "613 555 0100",
      customer: { phone: "+4930901820" },
      billing_address: { phone: "(415) 555-0123", country_code: "US" },
      shipping_address: { phone: "+1 415 555 0123", country_code: "CA" },
    });
    expect(ph).toEqual([sha256("16135550100"), sha256("4930901820"), sha256("14155550123")]);
  });

  test("a national phone number of an order without any country is left out", () => {
    const { ph } = userData({ ...NOBODY, email: "a@x.com", phone: "(415) 555-0123" });
    expect(ph).toBeUndefined();
  });

  test("the customer's default address stands in where the order has none", () => {
    const home = { city: "Ottawa", zip: "K2H 7A8", province_code: "ON", country_code: "CA" };
    const customer = { id: 5, email: "a@x.com", default_address: home };
    const atTill = { ...NOBODY, source_name: "pos", customer };
    expect(userData(atTill)).toMatchObject({ ct: [sha256("ottawa")], country: [sha256("ca")] });
    const withBilling = { ...atTill, billing_address: { city: "Paris" } };
    expect(userData(withBilling).ct).toEqual([sha256("paris")]);
  });

  test("blank values are left out: the hash of nothing is never sent", () => {
    const blank = { first_name: " ", last_name: "", city: "-", zip: " ", province_code: "" };
    const data = userData({ ...NOBODY, email: "a@x.com", phone: " ", billing_address: blank });
    expect(Object.keys(data).sort()).toEqual([
      "click_id",
      "client_ip_address",
      "client_user_agent",
      "em",
    ]);
    expect(JSON.stringify(data)).not.toContain(sha256(""));
  });
});

describe("the shopper's browser", () => {
  test("IP address and user agent of a web order are sent as they are", () => {
    const data = userData(NOBODY);
    expect(data.client_ip_address).toBe("203.0.113.24");
    expect(data.client_user_agent).toMatch(/^Mozilla/);
  });

  test("a user agent that is a word for nothing is none, and identifies nobody", () => {
    const client_details = { browser_ip: "203.0.113.24", user_agent: "undefined" };
    expect(skipReason(mapOrderBody({ ...NOBODY, client_details }))).toBe("no_match_key");
  });

  test.each([
    ["a draft order", { source_name: "shopify_draft_order" }],
    ["a till", { source_name: "pos" }],
    ["staff in the web shop", { user_id: 799407056 }],
    ["an unknown source", { source_name: null }],
  ])("those of %s are not: they are the staff's", (_name, changes) => {
    const data = userData(changes);
    expect(data.client_ip_address).toBeUndefined();
    expect(data.client_user_agent).toBeUndefined();
    expect(skipReason(mapOrderBody({ ...NOBODY, ...changes }))).toBe("no_match_key");
  });

  test("an IPv6 address is sent, and what is no address is not", () => {
    const browser = (ip: string) => ({ client_details: { browser_ip: ip, user_agent: "M" } });
    expect(userData(browser("2001:db8::1")).client_ip_address).toBe("2001:db8::1");
    for (const ip of ["unknown", "203.0.113.24:443", "fe80::1%eth0", "203.0.113.999"]) {
      expect(userData(browser(ip)).client_ip_address, ip).toBeUndefined();
    }
  });

  test.each<[string, string | undefined]>([
    ["198.100.7.1", "198.100.7.1"],
    ["2606:4700::1111", "2606:4700::1111"],
    ["::ffff:8.8.4.4", "8.8.4.4"],
    ["::ffff:808:404", "8.8.4.4"],
    ...[
      ...["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.1.1", "127.0.0.1"],
      ...["0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "240.0.0.1"],
      ...["::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1"],
    ].map((ip): [string, undefined] => [ip, undefined]),
  ])("the address %s is sent as %s: what many people have at once is nobody's", (ip, sent) => {
    const changes = { ...NOBODY, client_details: { browser_ip: ip, user_agent: "M" } };
    const mapped = mapOrderBody(changes);
    expect(skipReason(mapped)).toBe(sent === undefined ? "no_match_key" : null);
    expect(matchKeysFromBits(mapped.keyBits).includes("client_ip_address")).toBe(
      sent !== undefined,
    );
    const known = { ...changes, email: "a@x.com" };
    expect(userData(known).client_ip_address).toBe(sent);
  });

  test("an order with a phone, a name and a click id alone cannot be matched, and says what it had", () => {
    const mapped = mapOrderBody({
      ...NOBODY,
      client_details: null,
      browser_ip: null,
      phone: "+14155550123",
    });
    expect(skipReason(mapped)).toBe("no_match_key");
    expect(matchKeysFromBits(mapped.keyBits)).toEqual(["ph", "click_id"]);
  });
});

describe("the click", () => {
  const clickId = (changes: Body) => userData(changes).click_id;

  test("the landing page's click id wins over the cart's", () => {
    expect(clickId({})).toBe("dj0yJnU9abc123");
    expect(clickId({ landing_site: "/?utm_source=x" })).toBe("dj0yJnU9fromcart");
    expect(clickId({ landing_site: null })).toBe("dj0yJnU9fromcart");
    expect(clickId({ landing_site: null, note_attributes: [] })).toBeUndefined();
  });

  test("what no click id looks like is not sent", () => {
    for (const value of ["two words", "x".repeat(1_001), "émoji", ""]) {
      const notes = { landing_site: null, note_attributes: [{ name: "_epik", value }] };
      expect(clickId(notes), value.slice(0, 20)).toBeUndefined();
    }
  });
});

test("nothing readable of the shopper is left in the event but IP address, agent and click", () => {
  const text = JSON.stringify(mapOrderBody()).toLowerCase();
  const customer = webOrder().customer;
  const personal = ["jane", "doe", "menlo", "94107", "415", "main st", "k2p", String(customer.id)];
  for (const word of personal) expect(text.replaceAll(/[0-9a-f]{64}/g, "")).not.toContain(word);
});
