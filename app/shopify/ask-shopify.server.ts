import { Counter, type Registry } from "prom-client";
import { z } from "zod";
import { traced } from "#app/platform/trace.server.ts";

/** Version of Shopify's Admin API and of the webhooks; shopify.app.toml names the same one. */
export const SHOPIFY_API_VERSION = "2026-10";

/** A merchant waits for most answers, and Shopify's library sets no limit of its own. */
export const SHOPIFY_TIMEOUT_MS = 10_000;

/** The Admin API of one shop, as Shopify's library gives it. */
export interface ShopifyAdmin {
  graphql(
    query: string,
    options?: { variables?: Record<string, unknown>; signal?: AbortSignal },
  ): Promise<{ json(): Promise<unknown> }>;
}

/**
 * Why Shopify gave nothing. `denied`: a permission is missing, which needs the merchant; `silent`:
 * no answer or too many requests, which passes; `unreadable`: an answer of another form than Shopify
 * describes; `not_found`: there is no such thing, or the app may not see it any more.
 */
export type ShopifyFailure = "denied" | "silent" | "unreadable" | "not_found";

export type ShopifyAnswer<Found> =
  | { ok: true; found: Found }
  | { ok: false; failure: ShopifyFailure };

/** Answers of this process by result, like spans: callers need not be handed a counter. */
const answers = new Map<"found" | ShopifyFailure, number>();

export function registerShopifyMetrics(registry: Registry): void {
  new Counter({
    name: "shopify_requests_total",
    help: "Questions to Shopify's Admin API by result: found, denied, silent, unreadable",
    labelNames: ["result"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [result, n] of answers) this.inc({ result }, n);
    },
  });
}

/** A GraphQL text, and the form of the `data` that answers it. */
export interface ShopifyQuery<Data> {
  text: string;
  data: z.ZodType<Data>;
}

/**
 * Sends a query to one shop's Admin API. Whatever goes wrong there is an outcome, without a word of
 * the library's errors: they may hold tokens.
 */
export function askShopify<Data>(
  admin: ShopifyAdmin,
  query: ShopifyQuery<Data>,
  variables: Record<string, unknown> = {},
  signal: AbortSignal = AbortSignal.timeout(SHOPIFY_TIMEOUT_MS),
): Promise<ShopifyAnswer<Data>> {
  const [detail] = /^\s*(query|mutation) \w{1,60}/.exec(query.text) ?? [];
  return traced("ask Shopify", { detail }, async (span) => {
    const answer = await ask(admin, query, variables, signal);
    const result = answer.ok ? "found" : answer.failure;
    span.set({ result });
    answers.set(result, (answers.get(result) ?? 0) + 1);
    return answer;
  });
}

async function ask<Data>(
  admin: ShopifyAdmin,
  { text, data }: ShopifyQuery<Data>,
  variables: Record<string, unknown>,
  signal: AbortSignal,
): Promise<ShopifyAnswer<Data>> {
  let answer: unknown;
  try {
    const response = await admin.graphql(text, { variables, signal });
    answer = await response.json();
  } catch (thrown) {
    return { ok: false, failure: isDenied(thrown) ? "denied" : "silent" };
  }
  const parsed = z.object({ data }).safeParse(answer);
  return parsed.success
    ? { ok: true, found: parsed.data.data }
    : { ok: false, failure: "unreadable" };
}

/** The part of the library's errors that says how Shopify answered. */
interface LibraryError {
  response?: { code?: number };
  body?: { errors?: { graphQLErrors?: { extensions?: { code?: string } }[] } };
}

/** Whether Shopify answered, and the same query would get the same answer. */
export function isRefusal(thrown: unknown): boolean {
  const { body } = (thrown ?? {}) as LibraryError;
  return isDenied(thrown) || body?.errors?.graphQLErrors !== undefined;
}

function isDenied(thrown: unknown): boolean {
  // In a merchant's request the library throws Responses. Its 401 passes: it has dropped the token,
  // and the next request gets a new one.
  if (thrown instanceof Response) return thrown.status === 403;
  const { response, body } = (thrown ?? {}) as LibraryError;
  if (response?.code === 401 || response?.code === 403) return true;
  const errors = body?.errors?.graphQLErrors ?? [];
  return errors.some(({ extensions }) => extensions?.code === "ACCESS_DENIED");
}
