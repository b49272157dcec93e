import { randomBytes } from "node:crypto";
import type { Answer, SandboxRequest } from "../../local-server.ts";
import type { Resolvers } from "../answer-graphql.ts";
import { parseQuery, type Selection, selectFields } from "../select-fields.ts";

/** How an operation ends: whole, in part, or with nothing. */
export type BulkEnd =
  | "COMPLETED"
  | "TIMEOUT"
  | "INTERNAL_SERVER_ERROR"
  | "ACCESS_DENIED"
  | "CANCELED";

export interface BulkOperations {
  resolvers: Resolvers;
  /** The files: `GET /bulk-operation-outputs/<name>`, in parts if asked so. Undefined: another path. */
  answerFile(request: SandboxRequest): Answer | undefined;
  /** Where files are fetched from. */
  setUrl(url: string): void;
  /** How the next operations of all shops end, one after the other; then COMPLETED. */
  endNext(ends: BulkEnd[]): void;
  /** So often an operation is looked at before it has ended. Default 1. */
  looks: number;
  /** The addresses of files from now on, in place of those that this server answers. */
  fileUrl: ((name: string) => string) | null;
  /** Requests for files. */
  fetched: { range: string | undefined; status: number }[];
  now: () => number;
}

interface Operation {
  id: string;
  shop: string;
  looks: number;
  end: BulkEnd;
  lines: string[];
  createdAt: number;
  name: string;
}

/** Shopify runs so many queries for an app and a shop at once (API 2026-01 and newer). */
const AT_ONCE = 5;
const EXPIRES_MS = 7 * 24 * 3_600_000;
const PATH = "/bulk-operation-outputs/";

/** `bulkOperationRunQuery` and `bulkOperation`, of `orders` alone. */
export function createBulkOperations(
  listOrders: (shop: { domain: string }, search: string) => object[],
): BulkOperations {
  const operations: Operation[] = [];
  const ends: BulkEnd[] = [];
  let origin = "";
  const isOver = (operation: Operation) => operation.looks >= bulk.looks;

  function run(shop: { domain: string }, query: string): object {
    const running = operations.filter((one) => one.shop === shop.domain && !isOver(one));
    if (running.length >= AT_ONCE) {
      const message = `A bulk query operation for this app and shop is already in progress: ${running[0]?.id}.`;
      return {
        bulkOperation: null,
        userErrors: [{ field: null, message, code: "OPERATION_IN_PROGRESS" }],
      };
    }
    const { search, fields } = readQuery(query);
    const lines = listOrders(shop, search).map((order) =>
      JSON.stringify(selectFields(order, fields, "Order")),
    );
    const id = `gid://shopify/BulkOperation/${7_726_780_000_000 + operations.length}`;
    const end = ends.shift() ?? "COMPLETED";
    const name = randomBytes(12).toString("hex");
    operations.push({ id, shop: shop.domain, looks: 0, end, lines, createdAt: bulk.now(), name });
    return { bulkOperation: { id, status: "CREATED" }, userErrors: [] };
  }

  function describe(operation: Operation): object {
    const isDone = isOver(operation);
    operation.looks += 1;
    const { id, end, lines, name } = operation;
    const signed = `${name}-final?Expires=${Math.floor((operation.createdAt + EXPIRES_MS) / 1_000)}&Signature=${name}`;
    const address = bulk.fileUrl === null ? `${origin}${PATH}${signed}` : bulk.fileUrl(signed);
    const hasFile = isDone && lines.length > 0;
    const isWhole = end === "COMPLETED";
    const failed = end === "CANCELED" ? "CANCELED" : "FAILED";
    return {
      id,
      status: isDone ? (isWhole ? "COMPLETED" : failed) : "RUNNING",
      errorCode: isDone && !isWhole && end !== "CANCELED" ? end : null,
      objectCount: String(isDone ? lines.length : 0),
      fileSize: hasFile && isWhole ? String(textOf(operation).length) : null,
      url: hasFile && isWhole ? address : null,
      partialDataUrl: hasFile && failed === "FAILED" && !isWhole ? address : null,
    };
  }

  const bulk: BulkOperations = {
    resolvers: {
      bulkOperationRunQuery: (shop, { query }) => run(shop, String(query)),
      bulkOperation: (shop, { id }) => {
        const found = operations.find((one) => one.id === id && one.shop === shop.domain);
        return found === undefined ? null : describe(found);
      },
    },
    answerFile({ url, method, headers }) {
      if (!url.pathname.startsWith(PATH)) return undefined;
      const answer = fileOf(url, method, headers);
      bulk.fetched.push({ range: headers.range, status: answer.status });
      return answer;
    },
    setUrl(url) {
      origin = url;
    },
    endNext: (next) => void ends.push(...next),
    looks: 1,
    fileUrl: null,
    fetched: [],
    now: Date.now,
  };

  function fileOf(url: URL, method: string, headers: SandboxRequest["headers"]): Answer {
    const found = operations.find(({ name }) => url.pathname === `${PATH}${name}-final`);
    const { name = "", createdAt = 0 } = found ?? {};
    // A signed address, and no token of the shop, opens it.
    const isSigned =
      url.searchParams.get("Signature") === name && headers["x-shopify-access-token"] === undefined;
    if (
      method !== "GET" ||
      found === undefined ||
      !isSigned ||
      bulk.now() > createdAt + EXPIRES_MS
    ) {
      return { status: 403, text: "<Error><Code>AccessDenied</Code></Error>" };
    }
    return cut(textOf(found), headers.range);
  }
  return bulk;
}

/** A file that was not finished lacks its end. */
function textOf({ lines, end }: Operation): string {
  const whole = end === "COMPLETED" ? lines : lines.slice(0, Math.floor(lines.length / 2));
  return whole.map((line) => `${line}\n`).join("");
}

function cut(text: string, range: string | undefined): Answer {
  const headers = { "content-type": "application/jsonl" };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  if (first === undefined) return { status: 200, headers, text };
  const bytes = Buffer.from(text);
  if (Number(first) >= bytes.length) return { status: 416, headers, text: "" };
  const part = bytes.subarray(Number(first), Number(last) + 1);
  return { status: 206, headers, text: part.toString("utf8") };
}

/** `{ orders(query: "…") { edges { node { … } } } }` and nothing else: no pages, no further fields. */
function readQuery(query: string): { search: string; fields: Selection } {
  const roots = [...parseQuery(query).values()];
  const [root] = roots;
  const edges = root?.selection?.get("edges");
  const fields = edges?.selection?.get("node")?.selection;
  const [, search] = /^\( query : "([^"]*)" \)$/.exec(root?.args ?? "") ?? [];
  if (roots.length !== 1 || root?.field !== "orders" || root.selection?.size !== 1) {
    throw new Error("Bulk queries must contain exactly one connection at their root");
  }
  if (fields == null || search === undefined || !fields.has("id")) {
    throw new Error("The parent 'node' field for a connection must have an 'id' field");
  }
  return { search, fields };
}
