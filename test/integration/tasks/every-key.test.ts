import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey } from "#app/shops/api-keys.server.ts";
import { EVENT_KEYS, TOP_KEYS } from "#app/tasks/input/task-input.server.ts";
import type { SendDocument } from "#app/tasks/task-document.server.ts";
import { runCli } from "#test/integration/cli/run-cli.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";
import { startTaskApi, type TaskApi } from "#test/support/task-api.ts";

const TOKEN = "pina_CANARYOFEVERYKEY0123456789";
const ACCOUNT = "549755885175";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const HASH = sha256("shopper@example.com");
const YESTERDAY = Math.floor(Date.now() / 1_000) - 24 * 60 * 60;

/** A value of each key of an event, and where it must be in what Pinterest gets. */
const EVENT_CASES: Record<string, [input: object, path: string, sent: unknown][]> = {
  eventName: [
    [{}, "event_name", "checkout"],
    [{ eventName: "add_to_cart" }, "event_name", "add_to_cart"],
  ],
  customEventName: [
    [{ eventName: "custom" }, "event_name", "custom"],
    [{ eventName: "custom", customEventName: "quiz done" }, "event_name", "quiz done"],
  ],
  email: [
    [{ email: " Shopper@Example.com" }, "user_data.em", [HASH]],
    [
      { email: ["shopper@example.com", "b@example.com"] },
      "user_data.em",
      [HASH, sha256("b@example.com")],
    ],
  ],
  phone: [[{ phone: "+49 (30) 901820" }, "user_data.ph", [sha256("4930901820")]]],
  externalId: [
    [{ externalId: ["c-1", "c-2"] }, "user_data.external_id", [sha256("c-1"), sha256("c-2")]],
  ],
  firstName: [[{ firstName: "Ann " }, "user_data.fn", [sha256("ann")]]],
  lastName: [[{ lastName: "O'Neil" }, "user_data.ln", [sha256("o'neil")]]],
  gender: [[{ gender: "Female" }, "user_data.ge", [sha256("f")]]],
  dateOfBirth: [[{ dateOfBirth: "1990-01-31" }, "user_data.db", [sha256("19900131")]]],
  city: [[{ city: "São Paulo" }, "user_data.ct", [sha256("sãopaulo")]]],
  state: [[{ state: "CA" }, "user_data.st", [sha256("ca")]]],
  zip: [[{ zip: "94107-1234", country: "US" }, "user_data.zp", [sha256("94107")]]],
  country: [[{ country: "DE" }, "user_data.country", [sha256("de")]]],
  clientIpAddress: [
    [{ clientIpAddress: "2001:db8::1" }, "user_data.client_ip_address", "2001:db8::1"],
  ],
  clientUserAgent: [
    [{ clientUserAgent: "Mozilla/5.0" }, "user_data.client_user_agent", "Mozilla/5.0"],
  ],
  clickId: [[{ clickId: "dj0yJnU9abc" }, "user_data.click_id", "dj0yJnU9abc"]],
  eventTime: [
    [{ eventTime: YESTERDAY }, "event_time", YESTERDAY],
    [{ eventTime: String(YESTERDAY) }, "event_time", YESTERDAY],
    [{ eventTime: new Date(YESTERDAY * 1_000).toISOString() }, "event_time", YESTERDAY],
  ],
  eventId: [[{ eventId: "mine-1" }, "event_id", "mine-1"]],
  eventSourceUrl: [
    [
      { eventSourceUrl: "https://shop.example/thanks" },
      "event_source_url",
      "https://shop.example/thanks",
    ],
  ],
  value: [
    [{ value: "90071992547409.93" }, "custom_data.value", "90071992547409.93"],
    [{ value: 49.9 }, "custom_data.value", "49.9"],
  ],
  currency: [
    [{}, "custom_data.currency", "USD"],
    [{ currency: "kwd" }, "custom_data.currency", "KWD"],
  ],
  orderId: [[{ orderId: "A-1" }, "custom_data.order_id", "A-1"]],
  orderQuantity: [
    [{}, "custom_data.num_items", 1],
    [{ orderQuantity: 3 }, "custom_data.num_items", 3],
  ],
  productId: [
    [{ productId: "sku-1" }, "custom_data.content_ids", ["sku-1"]],
    [{ productId: "sku-1" }, "custom_data.contents.0.id", "sku-1"],
  ],
  contents: [
    [
      { contents: [{ id: "sku-2", itemPrice: "9.90", quantity: 2 }] },
      "custom_data.contents",
      [{ id: "sku-2", item_price: "9.90", quantity: 2 }],
    ],
  ],
  actionSource: [
    [{}, "action_source", "web"],
    [{ actionSource: "offline" }, "action_source", "offline"],
  ],
  isAlreadyHashed: [[{ isAlreadyHashed: true, email: HASH.toUpperCase() }, "user_data.em", [HASH]]],
  optOut: [[{ optOut: true }, "opt_out", true]],
  optOutType: [[{ optOutType: "LDP" }, "custom_data.opt_out_type", "LDP"]],
};

type TopCase = [input: { task?: string } & Record<string, unknown>, expected: object];

const OWN = { accessToken: TOKEN, adAccountId: ACCOUNT };
const PERSON = { email: "shopper@example.com" };
const TOP_CASES: Record<string, TopCase> = {
  task: [
    { task: "list_conversion_tags", ...OWN },
    { task: "list_conversion_tags", ok: true },
  ],
  accessToken: [
    { accessToken: "pina_unknown to Pinterest", adAccountId: ACCOUNT },
    { ok: false, error: { code: "invalid_input" } },
  ],
  adAccountId: [
    { ...OWN, ...PERSON },
    { ok: true, ad_account_id: ACCOUNT },
  ],
  events: [
    { task: "send_batch_events", ...OWN, ...PERSON, events: '[{"orderId":"text"}]' },
    { ok: true, results: [{ event: { custom_data: { order_id: "text" } } }] },
  ],
  conversionTagId: [
    { task: "get_conversion_tag", ...OWN, conversionTagId: "1" },
    { ok: false, error: { code: "not_found" } },
  ],
  test: [
    { ...OWN, ...PERSON, test: true },
    { test: true, ok: true },
  ],
  waitSeconds: [
    { ...OWN, ...PERSON, waitSeconds: 31 },
    { ok: false, error: { fields: [{ path: "waitSeconds" }] } },
  ],
  demoMode: [
    { ...PERSON, demoMode: true },
    { demo: true, ok: true },
  ],
};
const TOP_ROWS = Object.entries(TOP_CASES).map(([name, each]) => [name, ...each] as const);

const NAMES = Object.keys(EVENT_CASES);
const CASES = NAMES.flatMap((key) =>
  (EVENT_CASES[key] ?? []).map(([input, ...rest]) => [key, ...rest, input] as const),
);
/** Each event is one that can be matched, and an id of its own tells it from the others. */
const EVENTS = CASES.map(([, , , input], index) => ({
  email: "shopper@example.com",
  ...("isAlreadyHashed" in input ? {} : { externalId: `case-${index}` }),
  ...input,
}));
const BATCH = { accessToken: TOKEN, adAccountId: ACCOUNT, events: EVENTS };

let db: TestDatabase;
let pinterest: LocalPinterest;
let api: TaskApi;
let key: string;
beforeAll(async () => {
  const keyring = testKeyring();
  db = await openTestDatabase();
  pinterest = await startLocalPinterest();
  pinterest.directory.defineEvent(ACCOUNT, "quiz done");
  api = await startTaskApi({ db, keyring }, pinterest.url);
  const shop = await makeShop({ db, keyring });
  key = await createApiKey({ db }, { domain: shop.domain, name: "", actor: "test" });
});
afterAll(async () => {
  await api?.close();
  await pinterest?.close();
  await db?.close();
});

/** The same input by the command line, and by HTTP. */
async function byCommand(task: string, input: object): Promise<Record<string, unknown>> {
  const env = { PINTEREST_API_URL: pinterest.url };
  const run = await runCli([task, "--input", "-", "--json"], env, JSON.stringify(input));
  return run.json();
}
async function byHttp(task: string, input: object): Promise<Record<string, unknown>> {
  return (await api.post(key, { task, ...input })).json;
}
const DOORS = [
  ["the command line", byCommand],
  ["HTTP", byHttp],
] as const;

function valueAt(event: unknown, path: string): unknown {
  return path.split(".").reduce((at, name) => (at as Record<string, unknown>)?.[name], event);
}

test("each key of an event and of the top has a case here", () => {
  expect(NAMES.toSorted()).toEqual([...EVENT_KEYS].toSorted());
  expect(["webhookUrl", ...Object.keys(TOP_CASES)].toSorted()).toEqual([...TOP_KEYS].toSorted());
});

describe.each(DOORS)("by %s", (_, send) => {
  let document: SendDocument;
  beforeAll(async () => {
    pinterest.ledger.clear();
    document = (await send("send_batch_events", BATCH)) as unknown as SendDocument;
  });

  test("every event was accepted", () => {
    expect(document.results.filter(({ status }) => status !== "accepted")).toEqual([]);
    expect(document.summary.accepted).toBe(EVENTS.length);
  });

  test.each(CASES.map((each, index) => [index, ...each] as const))(
    "%i: %s is %s",
    (index, _key, path, sent) => {
      const id = document.results[index]?.event_id ?? "";
      const got = pinterest.ledger.find(ACCOUNT, id)?.event;
      expect(valueAt(got, path)).toEqual(sent);
      expect(document.results[index]?.event).toEqual(got);
    },
  );

  test.each(TOP_ROWS)("%s", async (_key, input, expected) => {
    const { task = "send_event", ...rest } = input;
    expect(await send(task, rest)).toMatchObject(expected);
  });
});
