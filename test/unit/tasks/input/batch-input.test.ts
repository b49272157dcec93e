import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TOP_KEYS } from "#app/tasks/input/task-input.server.ts";
import { eventOfRow, faultsOf, requestOf, rowFaults, sha256 } from "./read-input.ts";

const batch = (events: unknown, defaults = {}) => ({
  task: "send_batch_events",
  events,
  ...defaults,
});
const rowsOf = (events: unknown, defaults = {}) => requestOf(batch(events, defaults)).rows;

describe("a batch", () => {
  test("is a list, or text that holds one, and each event keeps its place", () => {
    const events = [{ value: 1 }, { value: 2 }];
    const rows = rowsOf(events);
    expect(rows.map((row) => row.index)).toEqual([0, 1]);
    expect(rowsOf(JSON.stringify(events))).toEqual(rows);
  });

  test.each([
    [undefined, "is missing"],
    [null, "is missing"],
    [[], "is an empty list"],
    ["[]", "is an empty list"],
    ["[{", "is text that is not valid JSON"],
    ['{"a":1}', "must be a list of 1 to 10000 events"],
    ["null", "is text that is not valid JSON"],
    [{}, "must be a list"],
    [Array(10_001).fill({}), "has 10001 events, and 10000 is the most"],
  ])("of %j is refused", (events, message) => {
    expect(faultsOf(batch(events)).events).toContain(message);
  });

  test("may hold 10,000 events", () => {
    expect(rowsOf(Array(10_000).fill({}))).toHaveLength(10_000);
  });

  test("is no single event, and a single event is no batch", () => {
    expect(faultsOf({ task: "send_event", events: [{}] }).events).toContain("send_batch_events");
    expect(faultsOf({ task: "send_batch_events", email: "a@x.com" }).events).toContain("missing");
  });

  test("has its keys for all events beside the list; an event's own win", () => {
    const defaults = { currency: "eur", eventName: "signup", email: "a@x.com" };
    const [first, second] = rowsOf([{ currency: "GBP", email: null }, { value: 5 }], defaults);
    expect(eventOfRow(first)).toMatchObject({
      event_name: "signup",
      custom_data: { currency: "GBP" },
      user_data: { em: [sha256("a@x.com")] },
    });
    expect(eventOfRow(second)).toMatchObject({ custom_data: { currency: "EUR", value: "5" } });
  });

  test("a custom name for all is not for the events with a standard one", () => {
    const defaults = { eventName: "custom", customEventName: "Tasting" };
    const rows = rowsOf([{}, { eventName: "lead" }, { eventName: "custom" }], defaults);
    expect(rows.map((row) => eventOfRow(row).event_name)).toEqual(["Tasting", "lead", "Tasting"]);
  });

  test("one id for all events is refused: they would count as one", () => {
    expect(faultsOf(batch([{}, {}], { eventId: "x" })).eventId).toContain("belongs in each event");
  });

  test("a wrong key beside the list stops the batch, with a list that is wrong too", () => {
    const faults = faultsOf(batch("[", { currency: "$", waitSeconds: 99 }));
    expect(Object.keys(faults).sort()).toEqual(["currency", "events", "waitSeconds"]);
  });
});

describe("what a batch may unfold to", () => {
  const products = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: `p-${n}`, itemName: "x".repeat(200) }));

  test.each(["contents", "email", "phone", "externalId", "firstName", "country"])(
    "a list of %s beside the events is no default of them",
    (key) => {
      const list = key === "contents" ? products(1) : ["a@x.com"];
      expect(faultsOf(batch([{}, {}], { [key]: list }))).toEqual({
        [key]: expect.stringContaining("is a list, which is no default for all events"),
      });
      expect(faultsOf({ email: "a@x.com", [key]: list })).toEqual({});
    },
  );

  test("an event of more than 64 KiB as it would be sent is a bad row, or a bad event", () => {
    const rows = rowsOf([
      { email: "a@x.com", contents: products(200) },
      { email: "a@x.com", contents: products(400) },
    ]);
    expect(rows.map(({ kind }) => kind)).toEqual(["event", "faulty"]);
    const fault = [{ path: "event", message: expect.stringContaining("larger than 64 KiB") }];
    expect(rowFaults(rows[1])).toEqual(fault);
    expect(faultsOf({ email: "a@x.com", contents: products(400) })).toHaveProperty("event");
  });

  test("bytes are counted, and not characters", () => {
    const contents = products(200).map((product) => ({ ...product, itemName: "é".repeat(200) }));
    expect(faultsOf({ email: "a@x.com", contents })).toHaveProperty("event");
  });

  test("events of more than 24 MiB together are refused, however short the input is", () => {
    const defaults = { email: "a@x.com", clientUserAgent: "M".repeat(2_000) };
    expect(rowsOf(Array(10_000).fill({}), defaults)).toHaveLength(10_000);
    const heavier = { ...defaults, eventSourceUrl: `https://x.com/${"p".repeat(1_500)}` };
    expect(faultsOf(batch(Array(10_000).fill({}), heavier))).toEqual({
      events: expect.stringContaining("larger than 24 MiB"),
    });
  });
});

describe("a bad row", () => {
  test("is named by its keys and stops no other", () => {
    const rows = rowsOf([{ value: "1" }, { value: "x", e_mail: "a" }, 5, { value: "3" }]);
    expect(rows.map((row) => row.kind)).toEqual(["event", "faulty", "faulty", "event"]);
    expect(rows[1]).toMatchObject({ index: 1, eventName: "checkout" });
    expect(rowFaults(rows[1]).map(({ path }) => path)).toEqual(["value", "e_mail"]);
    expect(rowFaults(rows[2])).toEqual([
      { path: "row", message: "must be an object with the keys of an event" },
    ]);
  });

  test("whose name is wrong has none", () => {
    expect(rowsOf([{ eventName: "buy" }])[0]).toMatchObject({ kind: "faulty", eventName: null });
  });

  test.each(TOP_KEYS)("is one with %s, which is said once for all", (key) => {
    const [row] = rowsOf([{ [key]: "x" }]);
    expect(rowFaults(row)).toEqual([
      { path: key, message: expect.stringContaining("belongs at the top") },
    ]);
  });
});

describe("the id of an event that was given none", () => {
  const idOf = (event: object, defaults = {}) => {
    const [row] = rowsOf([event], defaults);
    return row?.kind === "event" ? row.mapped.eventId : null;
  };

  test("is made of its fields, wherever and in whatever order they stand", () => {
    const id = idOf({ email: "a@x.com", value: "5", currency: "EUR" });
    expect(id).toMatch(/^task-[0-9a-f]{32}$/);
    expect(idOf({ currency: "EUR", value: "5", email: "a@x.com", city: null, zip: "" })).toBe(id);
    expect(idOf({ value: "5", email: "a@x.com" }, { currency: "EUR", test: true })).toBe(id);
    const [single] = requestOf({ email: "a@x.com", value: "5", currency: "EUR" }).rows;
    expect(single).toMatchObject({ mapped: { eventId: id } });
  });

  test("is never another in a later version: a retry after an update is the same event", () => {
    expect(idOf({ email: "a@x.com", value: "5", contents: [{ id: "p", quantity: 2 }] })).toBe(
      "task-fafb9d581550b14075a6d8eaf1e5f842",
    );
  });

  test("is another for anything that differs", () => {
    const event = { email: "a@x.com", value: "5", contents: [{ id: "p", quantity: 1 }] };
    const others = [
      { ...event, value: "5.0" },
      { ...event, value: 5 },
      { ...event, eventTime: 1_795_600_000 },
      { ...event, email: ["a@x.com"] },
      { ...event, contents: [{ id: "p", quantity: 2 }] },
      { ...event, orderId: "5" },
    ];
    expect(new Set([event, ...others].map((each) => idOf(each))).size).toBe(others.length + 1);
  });

  test("is the same for the same fields, whatever they are", () => {
    const field = fc.oneof(fc.string({ maxLength: 30 }), fc.array(fc.string(), { maxLength: 3 }));
    const person = fc.dictionary(
      fc.constantFrom("externalId", "firstName", "lastName", "city", "state", "gender"),
      field,
    );
    fc.assert(
      fc.property(person, fc.double({ noNaN: true, min: 0, max: 1e6 }), (fields, value) => {
        const reversed = Object.fromEntries(Object.entries({ ...fields, value }).reverse());
        expect(idOf(reversed)).toBe(idOf({ ...fields, value }));
      }),
    );
  });
});

test("money that is given as text is sent to the digit", () => {
  const whole = fc.oneof(
    fc.constant("0"),
    fc.bigInt({ min: 1n, max: 10n ** 18n - 1n }).map(String),
  );
  const places = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 18 });
  const money = fc
    .tuple(whole, places)
    .map(([digits, rest]) => (rest.length > 0 ? `${digits}.${rest.join("")}` : digits));
  fc.assert(
    fc.property(money, (value) => {
      const event = eventOfRow(rowsOf([{ value, contents: [{ id: "p", itemPrice: value }] }])[0]);
      expect(event.custom_data?.value).toBe(value);
      expect(event.custom_data?.contents?.[0]?.item_price).toBe(value);
    }),
  );
});

test("a number is sent as a plain decimal of the same number", () => {
  const range = { min: -(2 ** 53 - 1), max: 2 ** 53 - 1, noNaN: true };
  fc.assert(
    fc.property(
      fc.oneof(fc.double(range), fc.double({ min: -1e-5, max: 1e-5, noNaN: true })),
      (number) => {
        fc.pre(!Object.is(number, -0));
        const sent = eventOfRow(rowsOf([{ value: number }])[0]).custom_data?.value;
        expect(sent).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(sent)).toBe(number);
      },
    ),
  );
});
