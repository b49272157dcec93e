import { request } from "undici";
import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { refuseWhileHolding } from "#app/platform/work/held-connection.server.ts";
import {
  askShopify,
  SHOPIFY_TIMEOUT_MS,
  type ShopifyAdmin,
  type ShopifyAnswer,
} from "./ask-shopify.server.ts";
import {
  formatOrderSearch,
  LISTED_FIELDS,
  type ListedOrder,
  listedNode,
  type OrderRange,
  toListedOrder,
} from "./order-list.server.ts";

const START = {
  text: `mutation StartBulkOrders($query: String!) {
    bulkOperationRunQuery(query: $query) { bulkOperation { id } userErrors { message } }
  }`,
  data: z.object({
    bulkOperationRunQuery: z.object({
      bulkOperation: z
        .object({ id: boundedText(100).regex(/^gid:\/\/shopify\/BulkOperation\/\d+$/) })
        .nullable(),
      userErrors: z.array(z.object({ message: z.string() })),
    }),
  }),
};

const LOOK = {
  text: `query BulkOrders($id: ID!) { bulkOperation(id: $id) { status errorCode url } }`,
  data: z.object({
    bulkOperation: z
      .object({
        status: z.string(),
        errorCode: z.string().nullable(),
        url: boundedText(4_000).nullable(),
      })
      .nullable(),
  }),
};

/**
 * Has Shopify write all orders of the range into a file. Returns the operation's id; null: Shopify
 * runs as many for the app and the shop as it allows, or takes the query for none of its own.
 */
export async function startBulkOrders(
  admin: ShopifyAdmin,
  range: OrderRange,
): Promise<ShopifyAnswer<string | null>> {
  const query = `{ orders(query: "${formatOrderSearch(range)}") { edges { node { id ${LISTED_FIELDS} } } } }`;
  const asked = await askShopify(admin, START, { query });
  if (!asked.ok) return asked;
  const { bulkOperation, userErrors } = asked.found.bulkOperationRunQuery;
  return { ok: true, found: userErrors.length > 0 ? null : (bulkOperation?.id ?? null) };
}

/** `lost`: there is no whole file, and there will be none. `url` null: the range has no orders. */
export type BulkState = { is: "working" } | { is: "lost" } | { is: "ready"; url: string | null };

const WORKING = ["CREATED", "RUNNING", "CANCELING"];

/** What became of the operation. A partial file is none: the orders that it lacks would count as gone. */
export async function readBulkOrders(
  admin: ShopifyAdmin,
  id: string,
): Promise<ShopifyAnswer<BulkState>> {
  const asked = await askShopify(admin, LOOK, { id });
  if (!asked.ok) return asked;
  const { status = "", errorCode = null, url = null } = asked.found.bulkOperation ?? {};
  if (errorCode === "ACCESS_DENIED") return { ok: false, failure: "denied" };
  if (WORKING.includes(status)) return { ok: true, found: { is: "working" } };
  if (status === "COMPLETED") return { ok: true, found: { is: "ready", url } };
  return { ok: true, found: { is: "lost" } };
}

/** Some 1,500 orders: they are in memory several times over. */
const PAGE_BYTES = 256 * 1024;
/** Far above the orders of 60 days of the largest store. */
const MOST_BYTES = 4 * 1024 ** 3;

/** `lost`: the file is gone, or is none of Shopify's or of its form. `silent`: it passes. */
export type BulkPage =
  | { is: "page"; orders: ListedOrder[]; next: number | null }
  | { is: "lost" }
  | { is: "silent" };

/** Where Shopify keeps the files of bulk operations: its own buckets at Google. */
const STORAGE_HOST = "storage.googleapis.com";
const BUCKET = /^\/shopify-[a-z0-9-]+\//;

/**
 * Whether the address is one of Shopify's storage: whatever else an answer names is not asked, since
 * it could be a host of our own network. In sandbox mode the sandbox itself counts.
 */
export function isShopifyStorage(address: string, sandboxUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, origin, pathname, username, password } = new URL(address);
  if (username !== "" || password !== "") return false;
  if (sandboxUrl !== undefined) return origin === new URL(sandboxUrl).origin;
  return protocol === "https:" && host === STORAGE_HOST && BUCKET.test(pathname);
}

/**
 * Reads a part of the file from a byte on: whole lines, as many as fit a page. Nothing of it stays
 * open meanwhile, and a process that goes on later begins with the byte.
 */
export async function readBulkPage(
  address: string,
  from: number,
  sandboxUrl: string | undefined,
): Promise<BulkPage> {
  refuseWhileHolding("Shopify's storage");
  if (!isShopifyStorage(address, sandboxUrl) || from > MOST_BYTES) return { is: "lost" };
  try {
    const signal = AbortSignal.timeout(SHOPIFY_TIMEOUT_MS);
    // A redirect is not followed.
    const { statusCode, body } = await request(address, {
      headers: { range: `bytes=${from}-${from + PAGE_BYTES - 1}`, "accept-encoding": "identity" },
      signal,
    });
    // The last page ended with the file.
    if (statusCode === 416) return { is: "page", orders: [], next: null };
    if (statusCode !== 200 && statusCode !== 206) {
      await body.dump({ limit: PAGE_BYTES, signal });
      return { is: statusCode >= 500 || statusCode === 429 ? "silent" : "lost" };
    }
    return parsePage(await readBytes(body, statusCode === 206 ? 0 : from), from);
  } catch {
    return { is: "silent" };
  }
}

/** A page of bytes, after so many. */
async function readBytes(body: AsyncIterable<Buffer>, skip: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let [left, size] = [skip, 0];
  for await (const chunk of body) {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    chunks.push(rest);
    size += rest.length;
    // Leaving the loop cuts the rest off.
    if (size >= PAGE_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, PAGE_BYTES);
}

function parsePage(bytes: Buffer, from: number): BulkPage {
  const isLast = bytes.length < PAGE_BYTES;
  const end = isLast ? bytes.length : bytes.lastIndexOf("\n") + 1;
  if (end === 0 && !isLast) return { is: "lost" };
  const orders: ListedOrder[] = [];
  for (const line of bytes.subarray(0, end).toString("utf8").split("\n")) {
    if (line === "") continue;
    const order = parseOrder(line);
    if (order === null) return { is: "lost" };
    orders.push(order);
  }
  return { is: "page", orders, next: isLast ? null : from + end };
}

function parseOrder(line: string): ListedOrder | null {
  try {
    const { data } = listedNode.safeParse(JSON.parse(line));
    return data === undefined ? null : toListedOrder(data);
  } catch {
    return null;
  }
}
