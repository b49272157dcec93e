import { once } from "node:events";
import net from "node:net";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type ByteBudget, createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { signWebhook } from "#test/sandbox/shopify/webhook-signing.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { type IntakeServer, SECRET, startIntakeServer } from "#test/support/intake-server.ts";
import { makeShop, readStates, testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";

const MIB = 1024 * 1024;
/** Just under the limit; letters of more than one byte count. */
const LARGE = 8 * MIB - 1_000;
const keyring = testKeyring();
const logged: { level: number; msg: string }[] = [];
const log = pino({ level: "trace" }, { write: (line: string) => logged.push(JSON.parse(line)) });
const INFO = 30;

let db: Database;
let intake: IntakeServer;
let shop: Awaited<ReturnType<typeof makeShop>>;
let bodies: ByteBudget;

beforeAll(async () => {
  db = await openTestDatabase();
  bodies = createByteBudget();
  intake = await startIntakeServer({ db, keyring }, { bodies, log });
  shop = await makeShop({ db, keyring });
});
afterAll(async () => {
  await intake.close();
  await db.close();
});

function order(id: string, padTo = 0): string {
  const now = new Date();
  const body = JSON.stringify(orderBody({ id, country: "US", createdAt: now, processedAt: now }));
  return body.replace("{", `{"note":"${"x".repeat(Math.max(0, padTo - body.length - 10))}",`);
}

/** Begins a request and leaves its body open. */
async function begin(headers: Record<string, string>, body: Buffer): Promise<net.Socket> {
  const socket = net.connect(Number(new URL(intake.url).port), "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  const lines = Object.entries({ Host: "x", ...headers }).map((line) => line.join(": "));
  socket.write(`POST /webhooks HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  socket.write(body);
  await once(socket, "connect");
  return socket;
}

async function answerOn(socket: net.Socket): Promise<string> {
  const [data] = await once(socket, "data");
  socket.destroy();
  return String(data);
}

/** As Shopify does: a busy machine may store a large body too late, and ask for it again. */
async function deliverUntilTaken(body: string): Promise<void> {
  await eventually(async () => {
    const { status } = await intake.deliver("orders/create", shop.domain, body);
    expect(status).toBe(200);
    return true;
  });
}

describe("the size of a body", () => {
  test("just under 8 MiB is taken, whatever its lines", async () => {
    await deliverUntilTaken(order("1", LARGE));
    expect(await readStates(db, shop.id)).toMatchObject([{ event_id: "order-1-checkout" }]);
  });

  test("over 8 MiB is 413; the log names shop and topic of what Shopify signed, and of nothing else", async () => {
    const large = Buffer.alloc(8 * MIB + 1, " ");
    logged.length = 0;
    const unsigned = { "x-shopify-hmac-sha256": signWebhook("another", large) };
    const refused = await intake.deliver("orders/create", shop.domain, large, unsigned);
    expect(refused.status).toBe(413);
    expect(logged.filter(({ level }) => level >= INFO)).toEqual([]);
    const signed = await intake.deliver("orders/paid", shop.domain, large);
    expect(signed.status).toBe(413);
    expect(logged).toMatchObject([{ shop: shop.domain, topic: "orders/paid" }]);
  });

  test.each([{}, { "X-Shopify-Hmac-Sha256": signWebhook(SECRET, "") }])(
    "a body that never ends is answered all the same, signed or not",
    async (signature) => {
      const headers = { "Transfer-Encoding": "chunked", ...signature };
      const socket = await begin(headers, Buffer.alloc(0));
      const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
      for (let sent = 0; sent < 130; sent += 1) socket.write(chunk);
      expect(await answerOn(socket)).toContain("413");
      await eventually(() => bodies.held() === 0);
    },
  );
});

describe("the budget of all bodies", () => {
  const plausible = { "X-Shopify-Hmac-Sha256": signWebhook("another", "x") };

  test("large bodies in hand are 503 once they are over it, small ones go on, and it comes back", async () => {
    const part = Buffer.alloc(4 * MIB - 1, "x");
    const open = await Promise.all(
      Array.from({ length: 14 }, () =>
        begin({ ...plausible, "Content-Length": `${4 * MIB}` }, part),
      ),
    );
    let refused = 0;
    for (const socket of open) socket.once("data", () => (refused += 1));
    // Until then one that is refused makes place for others.
    await eventually(() => bodies.held() === (open.length - refused) * part.length);
    expect(bodies.held()).toBeGreaterThan(43 * MIB);
    expect(bodies.held()).toBeLessThanOrEqual(48 * MIB);
    const large = await intake.deliver("orders/create", shop.domain, order("2", LARGE));
    expect([large.status, large.headers.get("retry-after")]).toEqual([503, "5"]);
    await deliverUntilTaken(order("3"));
    for (const socket of open) socket.destroy();
    await eventually(() => bodies.held() === 0);
    await deliverUntilTaken(order("2", LARGE));
  });

  test("of a body without a signature nothing is held", async () => {
    const part = Buffer.alloc(4 * MIB, "x");
    const socket = await begin({ "Content-Length": `${4 * MIB + 1}` }, part);
    socket.write("x");
    expect(await answerOn(socket)).toContain("401");
    expect(bodies.held()).toBe(0);
  });

  test("a body that is cut off is no fault of ours", async () => {
    logged.length = 0;
    const socket = await begin({ ...plausible, "Content-Length": "100000" }, Buffer.alloc(50_000));
    await eventually(() => bodies.held() === 50_000);
    socket.destroy();
    await eventually(() => bodies.held() === 0);
    expect(logged.filter(({ level }) => level >= INFO)).toEqual([]);
  });
});

describe("headers", () => {
  const topics = ["customer.tags_added", "ORDERS/CREATE", "metaobjects/v2-created", "x"];
  test.each(topics)("a topic that we do not use is ignored: %s", async (topic) => {
    expect((await intake.deliver(topic, shop.domain, "{}")).status).toBe(200);
  });

  test.each([
    ["x-shopify-topic", "orders create"],
    ["x-shopify-topic", ""],
    ["x-shopify-shop-domain", `${"a".repeat(64)}.myshopify.com`],
    ["x-shopify-shop-domain", "-a.myshopify.com"],
    ["x-shopify-webhook-id", "with space"],
    ["x-shopify-api-version", "2026"],
  ])("%s: %j is malformed", async (name, value) => {
    const delivered = await intake.deliver("products/update", shop.domain, "{}", { [name]: value });
    expect(delivered.status).toBe(400);
  });

  test("a label of 63 characters is a host name", async () => {
    const domain = `${"a".repeat(63)}.myshopify.com`;
    expect((await intake.deliver("orders/create", domain, "{}")).status).toBe(200);
  });

  test("text that only decodes to the signature is none", async () => {
    const signature = signWebhook(SECRET, "{}");
    // The last letter before the padding holds two bits that no decoder looks at.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const twin = alphabet[alphabet.indexOf(signature[42] as string) ^ 1];
    const faulty = [
      `${signature}x`,
      `${signature}=`,
      ` ${signature} x`,
      signature.slice(0, -1),
      signature.replaceAll("+", "-").replaceAll("/", "_").slice(0, -1),
      `${signature.slice(0, 42)}${twin}=`,
    ];
    for (const text of faulty) {
      const changes = { "x-shopify-hmac-sha256": text };
      const delivered = await intake.deliver("products/update", shop.domain, "{}", changes);
      expect([text, delivered.status]).toEqual([text, 401]);
    }
  });
});
