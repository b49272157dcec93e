import { randomUUID } from "node:crypto";
import type { Cell } from "#test/faults/cell.ts";
import type { Webhook } from "#test/faults/ledger-client.ts";
import { ATTACKS, attackOnce } from "#test/faults/numbers/hostile.ts";
import { nextOrderId, orderTraffic } from "#test/faults/order-traffic.ts";
import type { Scene } from "#test/faults/scene.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { HOSTILE_TEXTS } from "#test/support/hostile-texts.ts";

const MANY = 40;

function sampleOrder(changes: object = {}): object {
  return { ...orderBody({ id: nextOrderId(), lineCount: 1 }), ...changes };
}

const toText = (body: object | string) => (typeof body === "string" ? body : JSON.stringify(body));
const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const asText = (changes: object, replace: [string, string]) =>
  JSON.stringify(sampleOrder(changes)).replace(...replace);

/** Bodies that no shop should send, each signed as Shopify signs. */
const POISON: Record<string, () => (object | string)[]> = {
  "texts that break readers": () =>
    HOSTILE_TEXTS.map((text) => sampleOrder({ name: text, currency: text, source_name: text })),
  "texts that break readers, for what is hashed": () =>
    HOSTILE_TEXTS.map((text) => sampleOrder({ email: text, phone: text, customer: text })),
  "amounts that are none": () =>
    ["1e400", "-0", "NaN", "1,5", "", null, [], "9".repeat(500)].map((amount) =>
      sampleOrder({ subtotal_price: amount, total_price: amount, current_subtotal_price: amount }),
    ),
  "times that are none": () =>
    ["yesterday", "0000-00-00", "275761-01-01T00:00:00Z", 1e18, null, {}].map((time) =>
      sampleOrder({ processed_at: time, created_at: time }),
    ),
  "fields of another kind": () =>
    [null, 7, true, "x", [], {}, [[]]].map((other) =>
      sampleOrder({ line_items: other, customer: other, client_details: other, tax_lines: other }),
    ),
  "a field of ten million characters": () => [sampleOrder({ note: "x".repeat(7_000_000) })],
  "a thousand levels and more": () => [
    asText({ note: "here" }, ['"here"', deep(1_000)]),
    asText({ note: "here" }, ['"here"', deep(100_000)]),
  ],
  "names that every object has": () => [
    asText({}, ["{", '{"__proto__":{"id":1,"email":"x"},"constructor":{"prototype":1},']),
  ],
  "numbers of a thousand digits": () => [
    asText({ note: "here" }, ['"here"', "9".repeat(1_000)]),
    asText({ note: "here" }, ['"here"', "1e999999"]),
  ],
  "an object with nothing in it": () => [{}, { id: null }, { id: -1 }, { id: 1e300 }],
};

/** Proper orders with the poison among them: the neighbours must not suffer. */
function poisoned(bodies: () => (object | string)[]) {
  return ({ shops, random, expected }: Pick<Scene, "shops" | "random" | "expected">) => {
    const next = orderTraffic(shops, random, expected);
    const [shop] = shops;
    const poison = bodies().map((body): Webhook => {
      const webhook = {
        id: randomUUID(),
        topic: "orders/create",
        shop: shop?.domain ?? "",
        body,
      };
      const orderId = /"id":(820982911\d+)/.exec(toText(body))?.[1];
      if (shop !== undefined && orderId !== undefined) {
        const eventId = `order-${orderId}-checkout`;
        const nothing = { value: "", currency: "", eventTime: 0 };
        expected.set(webhook.id, { shop, orderId, eventId, ends: "any", ...nothing });
      }
      return webhook;
    });
    const traffic = poison.flatMap((webhook) => [webhook, next()]);
    while (traffic.length < MANY) traffic.push(next());
    return () => traffic.shift() ?? null;
  };
}

/** Bodies that anyone on the internet may send: none of them may end the process. */
const hostileCell: Cell = {
  name: "strangers send bodies without end, forged and malformed",
  kind: "content",
  isQuick: true,
  async fault({ installation, client }) {
    const before = installation.deaths.length;
    for (const { url } of installation.webs) {
      for (const attack of Object.values(ATTACKS)) await attackOnce(url, attack);
    }
    await client.untilMore(20);
    const crashed = installation.deaths.slice(before).filter(({ point }) => point === "crashed");
    if (crashed.length > 0) throw new Error(`${crashed.map(({ name }) => name)} crashed`);
  },
};

const poisonCells: Cell[] = Object.entries(POISON).map(([name, bodies]) => ({
  name: `a body with ${name}`,
  kind: "content",
  load: { pauseMs: 0, traffic: poisoned(bodies) },
  fault: ({ client }) => client.untilMore(Number.POSITIVE_INFINITY),
  // Shopify must never be told to come again with what can never be read.
  also: (_observed, { client, expected }) =>
    client.sent
      .filter(({ webhook }) => (expected.get(webhook.id)?.ends ?? "any") === "any")
      .filter(({ tries }) => tries.at(-1)?.status !== 200)
      .map(({ tries }) => `a poisoned webhook was answered ${tries.map(({ status }) => status)}`),
}));

export const contentCells: Cell[] = [...poisonCells, hostileCell];
