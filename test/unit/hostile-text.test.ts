import { expect, test } from "vitest";
import { parseActivityFilter } from "#app/admin/activity/activity-filter.server.ts";
import { parseCursor } from "#app/admin/events/read-event-page.server.ts";
import { readForm } from "#app/admin/send/read-form.server.ts";
import { SEND_FIELDS } from "#app/admin/send/send-form.ts";
import { parseEventFilter } from "#app/admin/shell/event-filter.ts";
import { readFlowAction } from "#app/flow/read-flow-action.server.ts";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { readWebhookHeaders } from "#app/intake/webhook-headers.server.ts";
import { UnreadableAmountError } from "#app/mapping/choose-money.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import { isShopDomain } from "#app/shops/find-shop.server.ts";
import { checkSettings, parseSettingsForm } from "#app/shops/settings/check-settings.server.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";
import { checkCallbackUrl } from "#app/tasks/callback/check-callback-url.server.ts";
import { parseCsvInput } from "#app/tasks/files/parse-csv-input.server.ts";
import { UnreadableFileError } from "#app/tasks/files/raw-input.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import { EVENT_KEYS, TOP_KEYS } from "#app/tasks/input/task-input.server.ts";
import { HOSTILE_TEXTS } from "#test/support/hostile-texts.ts";
import { type Body, buildPolicy, fixture, webOrder } from "./mapping/web-order.ts";

const MIB = 1_048_576;
const MOST_CPU_MS = 50;
const NOW = 1_700_000_000;

/** One character, and two in turn, some behind what lets a text into a pattern. */
const units = ["{", "{}", "{a", "a", "a.", "a@", " ", "a ", "0", "-0", "é", "\0"];
const heads = ["https://", "a@", "{variant}", "0."];
const long = [
  ...units.map((unit) => unit.repeat(MIB / unit.length)),
  ...heads.map((head) => `${head}${"a".repeat(MIB)}`),
];

const settingNames = ["product_id", "hold_seconds", "alert_emails", "alert_webhook_url"];
const openNames = ["value_basis", "events.search", "source.own", "consent.DE"];
const taskKeys = [...new Set([...TOP_KEYS, ...EVENT_KEYS])];
const headerNames = ["topic", "shop-domain", "api-version", "webhook-id", "triggered-at"];
const filterKeys = ["q", "state", "from", "days", "person", "kind", "older"];
const reading = { shop: { timeZone: "Europe/Berlin", currency: "EUR" }, nowSeconds: NOW };

const task = (input: object) => readTaskInput(input, { nowSeconds: NOW });
const form = (changes: object) => {
  const data = new FormData();
  data.set("changes", JSON.stringify(changes));
  data.set("version", "1");
  return parseSettingsForm(data);
};

const flowBody = (text: string) =>
  JSON.stringify({ action_run_id: text, properties: { order_id: text, eventName: text } });

/** Whatever reads text that somebody else wrote, by field. */
const fields: [name: string, read: (text: string) => unknown][] = [
  ...[...settingNames, ...openNames].flatMap((name): [string, (text: string) => unknown][] => [
    [`setting ${name}`, (text) => checkSettings({ [name]: text })],
    [`setting ${name} as a list`, (text) => checkSettings({ [name]: [text, text] })],
    [`setting ${name} as it is stored`, (text) => parseStoredSettings({ [name]: text })],
  ]),
  ["name of a setting", (text) => checkSettings({ [text]: "send", [`source.${text}`]: "send" })],
  ["form of settings", (text) => form({ product_id: text })],
  ...taskKeys.flatMap((key): [string, (text: string) => unknown][] => [
    [`task ${key}`, (text) => task({ [key]: text })],
    [
      `row of a task ${key}`,
      (text) => task({ task: "send_batch_events", events: [{ [key]: text }] }),
    ],
  ]),
  ["product of a task", (text) => task({ contents: [{ id: text, itemPrice: text }] })],
  ["key of a task", (text) => task({ [text]: "x" })],
  ...SEND_FIELDS.map((key): [string, (text: string) => unknown] => [
    `form ${key}`,
    (text) => readForm({ fields: { [key]: text }, eventId: text }, reading),
  ]),
  ["callback", (text) => checkCallbackUrl(text, { allowLoopback: false })],
  ...headerNames.map((name): [string, (text: string) => unknown] => [
    `header ${name}`,
    (text) => readWebhookHeaders({ [`x-shopify-${name}`]: text }),
  ]),
  [
    "flow",
    (text) =>
      // The door takes a body of 64 KiB.
      readFlowAction(flowBody(text.slice(0, 20_000)), NOW),
  ],
  ["shop domain", (text) => isShopDomain(text)],
  ["cursor", (text) => parseCursor(text)],
  ...filterKeys.map((key): [string, (text: string) => unknown] => [
    `filter ${key}`,
    (text) => {
      const query = new URLSearchParams({ [key]: text });
      return [parseEventFilter(query), parseActivityFilter(query)];
    },
  ]),
];

const TOPICS = ["orders/create", "checkouts/create", "customers/create"];
const WORDS = { nameJsonLines: "", nameFormat: "", saidElsewhere: {} };

/** The body with the text in the place of each text that it has, one after the other. */
function* tampered(body: Body, text: string): Generator<string> {
  const places: string[] = [];
  JSON.stringify(body, (key, value) => {
    if (typeof value === "string") places.push(key);
    return value;
  });
  for (const place of new Set(places)) {
    yield JSON.stringify(body, (key, value) => (key === place ? text : value));
  }
  yield JSON.stringify({ ...body, [text]: text });
}

/** What takes bodies and files apart: 1 MiB of it is measured where it comes in. */
const bodies: [name: string, read: (text: string) => unknown][] = [
  ...TOPICS.map((topic): [string, (text: string) => unknown] => [
    `webhook ${topic}`,
    (text) => {
      const body =
        topic === "orders/create" ? webOrder() : fixture(`2026-07.${topic.replace("/", "_")}`);
      for (const each of tampered(body, text)) readAndMap(topic, each);
    },
  ]),
  ["topic of a webhook", (text) => readAndMap(text, JSON.stringify(webOrder()))],
  ["cell of a CSV file", (text) => readCsv(`orderId,value,email\n${text},${text},${text}\n`)],
  ["cell in quotes", (text) => readCsv(`orderId,value\n"${text.replaceAll('"', '""')}",1\n`)],
  ["column of a CSV file", (text) => readCsv(`orderId,${text}\n1,2\n`)],
];

function readAndMap(topic: string, body: string): unknown {
  const result = readWebhook(topic, Buffer.from(body));
  if (result.kind !== "store_event") return result;
  try {
    return mapStoreEvent(result.event, buildPolicy(), NOW);
  } catch (error) {
    if (error instanceof UnreadableAmountError) return error;
    throw error;
  }
}

function readCsv(text: string): unknown {
  try {
    return task({ task: "send_batch_events", events: parseCsvInput(text, WORDS).value });
  } catch (error) {
    if (error instanceof UnreadableFileError) return error;
    throw error;
  }
}

/** Processor time of this thread, at its best of three: other work on the machine is none of it. */
function cpuMsOf(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && best > MOST_CPU_MS / 2; round++) {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

test("a text of 1 MiB in any field is answered within 50 ms", () => {
  const slow = fields.flatMap(([name, read]) =>
    long.flatMap((text) => {
      const ms = cpuMsOf(() => read(text));
      return ms <= MOST_CPU_MS ? [] : [`${name}: ${JSON.stringify(text.slice(0, 20))} ${ms} ms`];
    }),
  );
  expect(slow).toEqual([]);
});

test("words of JavaScript, NUL and half a character in any field are answered, never thrown", () => {
  const thrown = [...fields, ...bodies].flatMap(([name, read]) =>
    HOSTILE_TEXTS.flatMap((text) => {
      try {
        read(text);
        return [];
      } catch (error) {
        return [`${name}: ${JSON.stringify(text)} ${String(error)}`];
      }
    }),
  );
  expect(thrown).toEqual([]);
});

test("a setting holds no character that the database refuses", () => {
  for (const text of ["{variant}\0", "{sku}\ud800"]) {
    expect(checkSettings({ product_id: text })).toHaveLength(1);
    const url = [`https://example.com/${text}`];
    expect(checkSettings({ alert_webhook_url: url })).toHaveLength(1);
  }
});
