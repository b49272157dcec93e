import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";
import { LISTED_FIELDS, type OrderRange, searchOf } from "./order-list.server.ts";

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
  const query = `{ orders(query: "${searchOf(range)}") { edges { node { id ${LISTED_FIELDS} } } } }`;
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
