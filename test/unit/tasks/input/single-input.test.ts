import { describe, expect, test } from "vitest";
import { EVENT_NAMES } from "#app/events/conversion-event.ts";
import { TASKS } from "#app/tasks/task-document.server.ts";
import { eventOf, faultsOf, HASH, NOW, readInput, requestOf, sha256 } from "./read-input.ts";

const long = (length: number) => "x".repeat(length);
const EMAIL = "jane.doe@example.com";

test("an event needs no key at all: what is left out has its default", () => {
  expect(requestOf({})).toMatchObject({
    task: "send_event",
    accessToken: null,
    adAccountId: null,
    isDemo: false,
    isTest: false,
    webhookUrl: null,
    waitSeconds: 10,
    conversionTagId: null,
  });
  const event = eventOf({});
  expect(event).toEqual({
    event_name: "checkout",
    action_source: "web",
    event_time: NOW,
    event_id: expect.stringMatching(/^task-[0-9a-f]{32}$/),
    partner_name: "ss-pinrelay",
    user_data: {},
    custom_data: { currency: "USD", num_items: 1 },
  });
});

test("a word for no value says as little as no key, in ids as well", () => {
  const texts = ["email", "phone", "firstName", "city", "zip", "country", "externalId", "clickId"];
  const ids = ["eventId", "orderId", "productId", "clientUserAgent", "eventSourceUrl"];
  for (const nothing of ["undefined", "NULL", " n/a ", "[object Object]", "NaN", "{{ id }}"]) {
    const input = Object.fromEntries([...texts, ...ids].map((key) => [key, nothing]));
    expect(requestOf(input)).toEqual(requestOf({}));
  }
  expect(eventOf({ email: ["undefined", EMAIL] }).user_data).toEqual({ em: [HASH] });
  expect(eventOf({ eventId: "order\u200b-1" }).event_id).toBe("order-1");
  // A purchase is not what is sent for want of a name.
  expect(faultsOf({ eventName: "undefined" })).toHaveProperty("eventName");
  expect(faultsOf({ value: "NaN" })).toHaveProperty("value");
});

test("null and blank text in any key say as little as no key", () => {
  for (const blank of [null, "", "  "]) {
    const keys = ["task", "email", "eventName", "value", "isAlreadyHashed", "contents", "events"];
    const input = Object.fromEntries(keys.map((key) => [key, blank]));
    expect(requestOf(input)).toEqual(requestOf({}));
  }
  expect(eventOf({ email: ["", EMAIL] }).user_data).toEqual({ em: [HASH] });
  const contents = [{ id: "a", itemPrice: null, quantity: null, itemName: "" }];
  expect(eventOf({ contents }).custom_data?.contents).toEqual([{ id: "a" }]);
});

describe("what is right is sent", () => {
  const hashed = (key: string, value: unknown, digests: string[], more = {}) =>
    [`${key} ${JSON.stringify(value)}`, { [key]: value, ...more }, digests] as const;

  test.each([
    hashed("email", " Jane.Doe@Example.com", [HASH]),
    hashed("email", [EMAIL, "b@x.com", EMAIL], [HASH, sha256("b@x.com")]),
    hashed("phone", "+1 (415) 555-0123", [sha256("14155550123")]),
    hashed("phone", "(415) 555-0123", [sha256("14155550123")], { country: "us" }),
    hashed("externalId", "User-7", [sha256("User-7")]),
    hashed("firstName", " Zoë ", [sha256("zoë")]),
    hashed("firstName", "می\u200cنا\u200b", [sha256("می\u200cنا")]),
    hashed("lastName", "O'Neill", [sha256("o'neill")]),
    hashed("gender", "Female", [sha256("f")]),
    hashed("gender", "m", [sha256("m")]),
    hashed("gender", "non-binary", [sha256("n")]),
    hashed("dateOfBirth", "1997-12-26", [sha256("19971226")]),
    hashed("dateOfBirth", "19971226", [sha256("19971226")]),
    hashed("city", "Menlo Park", [sha256("menlopark")]),
    hashed("state", "CA", [sha256("ca")]),
    hashed("zip", "94107-1234", [sha256("94107")], { country: "US" }),
    hashed("zip", "SW1A 1AA", [sha256("sw1a1aa")], { country: "GB" }),
    hashed("country", "US", [sha256("us")]),
    hashed("email", EMAIL, [HASH], { phone: "+1 555", dateOfBirth: "1997-02-30", country: "USA" }),
    hashed("email", HASH.toUpperCase(), [HASH], { isAlreadyHashed: true }),
    hashed("country", HASH, [HASH], { isAlreadyHashed: true }),
  ])("%s, hashed", (_name, input, digests) => {
    const { country, ...others } = eventOf(input).user_data;
    const [lists] = Object.keys(others).length > 0 ? Object.values(others) : [country];
    expect(lists).toEqual(digests);
  });

  test.each([
    ["eventName", { eventName: "page_visit" }, { event_name: "page_visit" }],
    ["eventName custom", { eventName: "custom" }, { event_name: "custom" }],
    [
      "customEventName",
      { eventName: "custom", customEventName: "Größe gewählt" },
      { event_name: "Größe gewählt" },
    ],
    ["eventTime", { eventTime: NOW - 60 }, { event_time: NOW - 60 }],
    ["eventTime as text", { eventTime: `${NOW - 60}` }, { event_time: NOW - 60 }],
    ["eventTime with a fraction", { eventTime: NOW - 0.5 }, { event_time: NOW - 1 }],
    ["eventTime as a day", { eventTime: "2026-11-24" }, { event_time: NOW - 36_000 }],
    ["eventTime without a zone", { eventTime: "2026-11-24T09:59" }, { event_time: NOW - 60 }],
    ["eventTime of +0100", { eventTime: "2026-11-24T10:59:00+0100" }, { event_time: NOW - 60 }],
    ["eventTime in ISO", { eventTime: "2026-11-24T10:30:00.5+01:00" }, { event_time: NOW - 1_800 }],
    ["eventTime of a fast clock", { eventTime: NOW + 300 }, { event_time: NOW }],
    ["eventId", { eventId: "a/b 1" }, { event_id: "a/b 1" }],
    [
      "eventSourceUrl",
      { eventSourceUrl: "https://shop.example/p?x=1" },
      { event_source_url: "https://shop.example/p?x=1" },
    ],
    ["actionSource", { actionSource: "app_ios" }, { action_source: "app_ios" }],
    ["optOut", { optOut: true }, { opt_out: true }],
    ["optOut false", { optOut: false }, { opt_out: false }],
    ["clientIpAddress", { clientIpAddress: "2001:db8::1" }, ip("2001:db8::1")],
    [
      "clientUserAgent",
      { clientUserAgent: " Mozilla\u0000 " },
      data("client_user_agent", "Mozilla"),
    ],
    ["clickId", { clickId: "dj0yJnU9" }, data("click_id", "dj0yJnU9")],
    ["value as text", { value: "72.390" }, custom("value", "72.390")],
    ["value as number", { value: 72.39 }, custom("value", "72.39")],
    ["a tiny value", { value: 1.5e-7 }, custom("value", "0.00000015")],
    ["a negative value", { value: -5 }, custom("value", "-5")],
    ["currency", { currency: "eur" }, custom("currency", "EUR")],
    ["currency", { currency: "VED" }, custom("currency", "VED")],
    ["currency", { currency: "jep" }, custom("currency", "JEP")],
    ["orderId", { orderId: "1001" }, custom("order_id", "1001")],
    ["orderQuantity", { orderQuantity: 3 }, custom("num_items", 3)],
    ["productId", { productId: "p1" }, custom("content_ids", ["p1"])],
    ["optOutType", { optOutType: "LDP" }, custom("opt_out_type", "LDP")],
  ])("%s", (_name, input, expected) => {
    expect(eventOf(input)).toMatchObject(expected);
  });

  test("products with their prices, kept to the digit, and the pieces added up", () => {
    const contents = [
      { id: "a", itemPrice: "9.90", quantity: 2 },
      { id: "b", itemPrice: 5, itemName: "B\u0007", item_category: "C", itemBrand: "D" },
    ];
    expect(eventOf({ contents }).custom_data).toEqual({
      currency: "USD",
      content_ids: ["a", "b"],
      contents: [
        { id: "a", item_price: "9.90", quantity: 2 },
        { id: "b", item_price: "5", item_name: "B", item_category: "C", item_brand: "D" },
      ],
      num_items: 3,
    });
    expect(eventOf({ contents, orderQuantity: 9 }).custom_data?.num_items).toBe(9);
  });

  test("productId comes first among contents, and once", () => {
    const contents = [{ id: "a" }, { id: "b" }];
    const ids = (productId: string) => eventOf({ productId, contents }).custom_data?.content_ids;
    expect(ids("p")).toEqual(["p", "a", "b"]);
    expect(ids("b")).toEqual(["b", "a"]);
  });

  test.each([
    ["accessToken", "accessToken", " pina_AB12 \n", "pina_AB12"],
    ["adAccountId", "adAccountId", "549755885175", "549755885175"],
    ["adAccountId as number", "adAccountId", 549755885175, "549755885175"],
    ["conversionTagId", "conversionTagId", "2617998078212", "2617998078212"],
    ["webhookUrl", "webhookUrl", "https://x.example/hook", "https://x.example/hook"],
    ["waitSeconds", "waitSeconds", 0, 0],
  ])("%s", (_name, key, value, expected) => {
    expect(requestOf({ [key]: value })).toHaveProperty(key, expected);
  });

  test("test and demoMode", () => {
    expect(requestOf({ test: true, demoMode: true })).toMatchObject({ isTest: true, isDemo: true });
  });

  test.each(EVENT_NAMES)("the standard name %s", (eventName) => {
    expect(eventOf({ eventName }).event_name).toBe(eventName);
  });
});

describe("what is wrong is named by its key, with what is right", () => {
  test.each([
    ["task", ["send", 1, ["send_event"]], "send_batch_events"],
    ["accessToken", ["Bearer abc", 5, "tök", "a\r\nb", long(5_000)], "token alone"],
    ["adAccountId", ["1/2", "1".repeat(19), 1.5, -1, "A1", 2 ** 60, true], "1 to 18 digits"],
    ["conversionTagId", ["x", {}], "1 to 18 digits"],
    [
      "webhookUrl",
      ["ftp://x.example", "x.example", 1, `https://x.example/${long(2_100)}`],
      "https",
    ],
    ["waitSeconds", [31, -1, "5", Number.NaN], "0 to 30"],
    ["test", ["true", 1], "true or false"],
    ["demoMode", ["yes", 0], "true or false"],
    ["eventName", ["purchase", "Checkout", 5], "customEventName"],
    ["customEventName", ["x"], "only for eventName custom"],
    ["email", ["nobody", HASH, 5, [5], "@x.com", `${long(500)}@x.com`], ""],
    ["phone", [14155550123], ""],
    ["externalId", [5, long(501), Array(51).fill("x")], "at most 50"],
    ["firstName", [{}, [["a"]]], "text"],
    ["dateOfBirth", [19971226], "text"],
    ["country", [49], "text"],
    ["clientIpAddress", ["203.0.113.24:443", "fe80::1%eth0", "localhost", 5], "IPv4"],
    ["clientUserAgent", [5, long(2_001)], "2000"],
    ["clickId", ["two words", "é", long(1_001)], "1000"],
    [
      "eventTime",
      ["yesterday", NOW * 1_000, "2026-11-24 10:00", "2026-02-30T10:00:00Z", 5, true],
      "unix seconds",
    ],
    ["eventTime", ["1999-01-01T00:00:00Z"], "unix seconds"],
    ["eventTime", [NOW + 301, "2026-11-24T10:05:01Z"], "future"],
    ["eventId", [5, " a", "a\u0000", "\ud800", long(257), "a😀"], "256"],
    ["eventSourceUrl", ["shop.example", "javascript:x", "https://", "https://a b"], ""],
    [
      "value",
      ["1,000.00", "1e3", "NaN", "Infinity", "-0", "-0.00", ".5", "5.", "05", "$5", "5 ", "+5"],
      "49.90",
    ],
    ["value", [-0, Number.NaN, Number.POSITIVE_INFINITY, 1e21, true, [5]], "49.90"],
    ["currency", ["US", "US$", "EURO", 978, "EUX", "abc", "XTS"], "three letters"],
    ["orderId", [1001, "x\u007f"], "256"],
    ["orderQuantity", [0, -1, 1.5, "2", 1e9], "whole number"],
    ["productId", [5, "a\tb"], "256"],
    ["actionSource", ["shop", "WEB"], "web, offline, app_ios, app_android"],
    ["isAlreadyHashed", ["true", 1], "true or false"],
    ["optOut", ["no"], "true or false"],
    ["optOutType", ["CCPA"], "LDP"],
    ["contents", ["a", {}, Array(501).fill({ id: "a" })], "at most 500"],
  ])("%s", (key, values, advice) => {
    for (const value of values) {
      const faults = Object.entries(faultsOf({ [key]: value }));
      const label = JSON.stringify(value)?.slice(0, 60);
      expect(faults, label).toHaveLength(1);
      const [path, message] = faults[0] ?? [];
      expect(path?.split(".")[0], label).toBe(key);
      expect(message, label).toContain(advice);
    }
  });

  test.each([
    [{ email: [EMAIL, "nobody"] }, "email.1"],
    [{ email: [HASH, "jane"], isAlreadyHashed: true }, "email.1"],
    [{ city: "Paris", isAlreadyHashed: true }, "city"],
    [{ externalId: HASH.slice(1), isAlreadyHashed: true }, "externalId"],
    [{ contents: [{ id: "a" }, { quantity: 2 }] }, "contents.1.id"],
    [{ contents: [{ id: "a", price: 5 }] }, "contents.0.price"],
    [{ contents: [{ id: "a", itemPrice: "1,5" }] }, "contents.0.itemPrice"],
    [{ contents: [{ id: "a", quantity: 0 }] }, "contents.0.quantity"],
    [{ contents: ["a"] }, "contents.0"],
  ])("in a list by its place: %j", (input, path) => {
    expect(Object.keys(faultsOf(input))).toEqual([path]);
  });

  test("all of them at once, and one that hangs on another only when that is right", () => {
    const input = { email: "x", value: "1,0", currency: "$", country: "USA", phone: "555", x: 1 };
    expect(Object.keys(faultsOf(input)).sort()).toEqual(["currency", "email", "value", "x"].sort());
    expect(faultsOf({ isAlreadyHashed: "yes", email: HASH })).not.toHaveProperty("email");
    expect(faultsOf({ eventName: "buy", customEventName: "x" })).not.toHaveProperty(
      "customEventName",
    );
  });

  test.each([
    ["e_mail", "write email"],
    ["Event_Name", "write eventName"],
    ["emails", "write email"],
    ["currencyCode", "is not a key of the input"],
    ["constructor", "is not a key of the input"],
  ])("the unknown key %s", (key, advice) => {
    expect(faultsOf({ [key]: null })[key]).toContain(advice);
  });

  test("nothing that was given is repeated, nor the token", () => {
    const secret = "canary@secret";
    const input = { accessToken: `a ${secret}`, phone: secret, value: secret, eventName: secret };
    const read = readInput(input);
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toContain("canary");
  });
});

describe("the task", () => {
  test.each(TASKS)("%s may be asked for in the input or by the command", (task) => {
    const input = { events: [{}], conversionTagId: "5" };
    const { events, ...others } = input;
    const fit = task === "send_event" ? others : input;
    expect(requestOf({ task, ...fit }).task).toBe(task);
    expect(requestOf(fit, task)).toEqual(requestOf({ task, ...fit }));
  });

  test("an input that asks for another task than the command is refused", () => {
    expect(faultsOf({ task: "list_conversion_tags" }, "send_event")).toEqual({
      task: "must be send_event here, or left out",
    });
  });

  test("the refusal says which task it was, where that is clear", () => {
    const taskOf = (input: unknown) => {
      const read = readInput(input);
      return read.ok ? "fine" : read.task;
    };
    expect(taskOf({ value: true })).toBe("send_event");
    expect(taskOf({ task: "get_conversion_tag" })).toBe("get_conversion_tag");
    expect(taskOf({ task: "nonsense" })).toBeNull();
    expect(taskOf([])).toBeNull();
  });

  test.each([[null], [[]], ["text"], [5]])("an input that is no object is refused: %j", (input) => {
    expect(faultsOf(input)).toEqual({ input: "must be a JSON object" });
  });

  test("tag tasks have no rows; getting a tag needs its id", () => {
    expect(requestOf({ task: "list_conversion_tags", email: "a@x.com" }).rows).toEqual([]);
    expect(faultsOf({ task: "get_conversion_tag" })).toEqual({ conversionTagId: "is missing" });
    expect(Object.keys(faultsOf({ task: "get_conversion_tag", conversionTagId: "x" }))).toEqual([
      "conversionTagId",
    ]);
  });
});

function data(key: string, value: unknown) {
  return { user_data: { [key]: value } };
}

function ip(address: string) {
  return data("client_ip_address", address);
}

function custom(key: string, value: unknown) {
  return { custom_data: { [key]: value } };
}
