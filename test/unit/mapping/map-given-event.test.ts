import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ACTION_SOURCES, EVENT_NAMES } from "#app/events/conversion-event.ts";
import { deriveEventId, parseSourceKey } from "#app/events/event-id.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import type { GivenEvent, GivenPerson } from "#app/events/given-event.ts";
import { matchKeysFromBits } from "#app/events/match-keys.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { mapGivenEvent } from "#app/mapping/map-given-event.server.ts";
import { NOBODY } from "#test/support/task-fixture.ts";
import { NOW, sentEvent, skipReason } from "./web-order.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function given(changes: Partial<GivenEvent> = {}, person: Partial<GivenPerson> = {}): GivenEvent {
  return {
    name: "checkout",
    actionSource: "web",
    occurredAtSeconds: NOW - 60,
    sourceUrl: null,
    value: null,
    currency: "USD",
    orderId: null,
    itemCount: 1,
    contents: [],
    person: { ...NOBODY, emails: ["jane.doe@example.com"], ...person },
    clientIpAddress: null,
    clientUserAgent: null,
    clickId: null,
    optOut: null,
    optOutType: null,
    ...changes,
  };
}

const map = (changes: Partial<GivenEvent> = {}, id = "e1") =>
  mapGivenEvent(given(changes), id, NOW).mapped;

test("a full event has the shape that Pinterest takes, and what lists show of it", () => {
  const mapped = map({
    sourceUrl: "https://shop.example/",
    value: "72.390",
    currency: "EUR",
    orderId: "1001",
    itemCount: 2,
    contents: [{ id: "a", item_price: "9.90", quantity: 2 }],
    clientIpAddress: "203.0.113.24",
    clientUserAgent: "Mozilla",
    clickId: "dj0",
    optOut: true,
    optOutType: "LDP",
  });
  expect(sentEvent(mapped)).toEqual({
    event_name: "checkout",
    action_source: "web",
    event_time: NOW - 60,
    event_id: "e1",
    event_source_url: "https://shop.example/",
    opt_out: true,
    partner_name: "ss-pinrelay",
    user_data: {
      em: ["86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"],
      click_id: "dj0",
      client_ip_address: "203.0.113.24",
      client_user_agent: "Mozilla",
    },
    custom_data: {
      currency: "EUR",
      value: "72.390",
      content_ids: ["a"],
      contents: [{ id: "a", item_price: "9.90", quantity: 2 }],
      num_items: 2,
      order_id: "1001",
      opt_out_type: "LDP",
    },
  });
  expect(mapped).toMatchObject({
    kind: "checkout",
    sourceKey: "given:e1",
    eventId: "e1",
    idSource: "given",
    source: "task",
    orderId: "1001",
    orderName: null,
    actionSource: "web",
    eventTimeSeconds: NOW - 60,
    value: "72.390",
    currency: "EUR",
    consent: null,
  });
  expect(matchKeysFromBits(mapped.keyBits)).toEqual([
    "em",
    "click_id",
    "client_ip_address",
    "client_user_agent",
  ]);
});

test("an event without a time, or with that of a fast clock, happens now", () => {
  expect(map({ occurredAtSeconds: null }).eventTimeSeconds).toBe(NOW);
  expect(sentEvent(map({ occurredAtSeconds: NOW + 200 })).event_time).toBe(NOW);
});

test("a sale at a till has no page", () => {
  const event = sentEvent(map({ actionSource: "offline", sourceUrl: "https://shop.example/" }));
  expect(event).not.toHaveProperty("event_source_url");
});

test("an event that is older than Pinterest takes is skipped, and can still be shown", () => {
  const oldest = NOW - SENDABLE_SECONDS;
  expect(skipReason(map({ occurredAtSeconds: oldest }))).toBeNull();
  expect(skipReason(map({ occurredAtSeconds: oldest - 1 }))).toBe("too_old");
  const { event } = mapGivenEvent(given({ occurredAtSeconds: oldest - 1 }), "e1", NOW);
  expect(event.event_time).toBe(oldest - 1);
});

test("an event that names nobody is skipped, with the keys that it has", () => {
  const person = { emails: [], phones: ["+14155550123"] };
  const { mapped } = mapGivenEvent(given({ clientUserAgent: "M" }, person), "e1", NOW);
  expect(skipReason(mapped)).toBe("no_match_key");
  expect(matchKeysFromBits(mapped.keyBits)).toEqual(["ph", "client_user_agent"]);
  const withAddress = given({ clientUserAgent: "M", clientIpAddress: "203.0.113.24" }, person);
  expect(skipReason(mapGivenEvent(withAddress, "e1", NOW).mapped)).toBeNull();
});

test("an address that is nobody's own is left out, and IPv4 is told from IPv6", () => {
  const browser = { clientUserAgent: "M", clientIpAddress: "192.168.1.7" };
  const { mapped } = mapGivenEvent(given(browser, { emails: [] }), "e1", NOW);
  expect(skipReason(mapped)).toBe("no_match_key");
  expect(matchKeysFromBits(mapped.keyBits)).toEqual(["client_user_agent"]);
  expect(mapped.notes).toContain("client_ip_address=!unusable");
  const wrapped = { ...browser, clientIpAddress: "::ffff:8.8.4.4" };
  const { event } = mapGivenEvent(given(wrapped), "e1", NOW);
  expect(event.user_data.client_ip_address).toBe("8.8.4.4");
});

test("an event that does not fit is an error that names keys and no values", () => {
  const build = () => mapGivenEvent(given({ value: "secret" }), "e1", NOW);
  expect(build).toThrow(UnfitEventError);
  expect(build).toThrow(/custom_data\.value/);
  expect(build).not.toThrow(/secret/);
});

describe("personal data", () => {
  const userData = (person: Partial<GivenPerson>) =>
    mapGivenEvent(given({}, person), "e1", NOW).event.user_data;

  test("is normalised, then hashed; each different value once", () => {
    expect(
      userData({
        emails: ["B@x.com", "b@x.com ", "c@x.com"],
        firstNames: ["Zoë", " zoë"],
        lastNames: ["O'Neill"],
        genders: ["Female", "F", "m", "robot"],
        datesOfBirth: ["1990-01-31", "19900131", "31.01.1990"],
        cities: ["Saint-Étienne"],
        states: ["CA"],
        countries: ["US", "US"],
        externalIds: ["User-7"],
      }),
    ).toEqual({
      em: [sha256("b@x.com"), sha256("c@x.com")],
      fn: [sha256("zoë")],
      ln: [sha256("o'neill")],
      ge: [sha256("f"), sha256("m")],
      db: [sha256("19900131")],
      ct: [sha256("saintétienne")],
      st: [sha256("ca")],
      country: [sha256("us")],
      external_id: [sha256("User-7")],
    });
  });

  test("phone and postcode are read in the country of their place, else in the first", () => {
    const { ph, zp } = userData({
      phones: ["(415) 555-0123", "030 901820"],
      zips: ["94107-1234", "10115", "94107-9999"],
      countries: ["US", "DE"],
    });
    expect(ph).toEqual([sha256("14155550123"), sha256("4930901820")]);
    expect(zp).toEqual([sha256("94107"), sha256("10115")]);
  });

  test("that is hashed already is sent as it is, each value once", () => {
    const hash = sha256("x");
    const lists = Object.keys(NOBODY).filter((key) => key !== "isHashed");
    const hashed = Object.fromEntries(lists.map((key) => [key, [hash, hash]]));
    const sent = Object.values(userData({ ...hashed, isHashed: true }));
    expect(sent).toHaveLength(11);
    expect(new Set(sent.flat())).toEqual(new Set([hash]));
    expect(sent.flat()).toHaveLength(11);
  });

  test("that is nothing after normalising is left out: the hash of nothing is never sent", () => {
    const data = userData({ firstNames: [" "], cities: ["-"], zips: ["-"], genders: ["?"] });
    expect(Object.keys(data)).toEqual(["em"]);
  });
});

describe("the id of a store event", () => {
  test.each([
    ["order", "5551234567890123456", "checkout"],
    ["checkout", "e1f2a3", "initiate_checkout"],
    ["customer", "77", "signup"],
  ] as const)("%s names that event, so that the outbox knows both as one", (source, key, name) => {
    const id = deriveEventId(source, key, name);
    expect(parseSourceKey(id, name)).toBe(key);
    expect(map({ name }, id).sourceKey).toBe(key);
  });

  test.each([
    ["order-5-checkout", "signup"],
    ["order-5-signup", "signup"],
    ["order-5-lead", "lead"],
    ["customer-5-checkout", "checkout"],
    ["order--checkout", "checkout"],
    ["order-checkout", "checkout"],
    ["order-given:x-checkout", "checkout"],
    ["order-5-checkout ", "checkout"],
    ["undefined-5-custom", "custom"],
  ])("%s of a %s is nobody's", (id, name) => {
    expect(map({ name }, id).sourceKey).toBe(`given:${id}`);
  });
});

test("every given event fits Pinterest's published schema", () => {
  const schemas = JSON.parse(readFileSync("test/fixtures/pinterest/events.schema.json", "utf8"));
  const ajv = new Ajv2020({ strict: false, allErrors: true, schemas: [schemas] });
  addFormats.default(ajv);
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
  const list = fc.array(text, { maxLength: 3 });
  const lists = Object.keys(NOBODY).filter((key) => key !== "isHashed");
  const person = fc.record(Object.fromEntries(lists.map((key) => [key, list])));
  const money = fc.nat(10_000_000).map((cents) => (cents / 100).toFixed(2));
  const content = fc.record(
    { id: text, item_price: money, quantity: fc.integer({ min: 1, max: 9 }), item_name: text },
    { requiredKeys: ["id"] },
  );
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 });
  const facts = fc.record({
    name: fc.constantFrom(...EVENT_NAMES, "Größe"),
    actionSource: fc.constantFrom(...ACTION_SOURCES),
    occurredAtSeconds: maybe(fc.integer({ min: NOW - 9e5, max: NOW + 300 })),
    sourceUrl: maybe(fc.webUrl()),
    value: maybe(money),
    orderId: maybe(text),
    itemCount: fc.nat(99),
    contents: fc.array(content, { maxLength: 3 }),
    clientIpAddress: maybe(fc.oneof(fc.ipV4(), fc.constant("2001:db8::1"))),
    clientUserAgent: maybe(text),
    clickId: maybe(fc.constant("dj0")),
    optOut: maybe(fc.boolean()),
    optOutType: maybe(fc.constant("LDP" as const)),
  });
  const validators = ["EventsRequest", "EventsRequest_5_28"].map((name) =>
    ajv.getSchema(`urn:pinterest:capi:v5:events#/$defs/${name}`),
  );
  let sent = 0;
  fc.assert(
    fc.property(facts, person, text, (changes, names, id) => {
      const identified = { ...names, emails: ["a@x.com"] } as Partial<GivenPerson>;
      const { outcome } = mapGivenEvent(given(changes, identified), id, NOW).mapped;
      if (outcome.kind !== "send") return;
      sent += 1;
      const body = JSON.parse(JSON.stringify({ data: [outcome.event] }));
      for (const validate of validators) expect(validate?.(body), id).toBe(true);
    }),
    { numRuns: 200 },
  );
  expect(sent).toBeGreaterThan(50);
});
