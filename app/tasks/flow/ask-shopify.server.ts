import { type FlowAnswer, refuse, retryLater } from "./flow-answer.server.ts";

/** The Admin API of one shop, as Shopify's library gives it after it has verified a request. */
export interface ShopAdmin {
  graphql(
    query: string,
    options: { variables: Record<string, unknown>; signal: AbortSignal },
  ): Promise<{ json(): Promise<unknown> }>;
}

export type Asked<T> = { ok: true; found: T } | { ok: false; answer: FlowAnswer };

/** What the library's errors carry of Shopify's answer. */
interface LibraryError {
  response?: { code?: number };
  body?: { errors?: { graphQLErrors?: { extensions?: { code?: string } }[] } };
}

const DENIED = {
  code: "forbidden",
  message: "Shopify did not let Pinrelay read this order or customer: a permission is missing.",
  action: "Open Pinrelay in the Shopify admin, approve what it asks for, and run this again.",
};

/**
 * The answer to a query, not looked at yet. Whatever goes wrong at Shopify is an outcome: a lack of
 * rights needs the merchant, all else passes.
 */
export async function askShopify(
  admin: ShopAdmin,
  query: string,
  variables: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Asked<unknown>> {
  try {
    const response = await admin.graphql(query, { variables, signal });
    return { ok: true, found: await response.json() };
  } catch (thrown) {
    return { ok: false, answer: isDenied(thrown) ? refuse(DENIED) : retryLater(SILENCE) };
  }
}

const SILENCE = { code: "shopify_unavailable", message: "Shopify did not answer in time." };

function isDenied(thrown: unknown): boolean {
  const { response, body } = (thrown ?? {}) as LibraryError;
  if (response?.code === 401 || response?.code === 403) return true;
  const errors = body?.errors?.graphQLErrors ?? [];
  return errors.some(({ extensions }) => extensions?.code === "ACCESS_DENIED");
}
