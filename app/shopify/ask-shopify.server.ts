/** The Admin API of one shop, as Shopify's library gives it after it has verified a request. */
export interface ShopAdmin {
  graphql(
    query: string,
    options: { variables: Record<string, unknown>; signal: AbortSignal },
  ): Promise<{ json(): Promise<unknown> }>;
}

/**
 * Why Shopify gave nothing. `denied`: a permission is missing, which needs the merchant; `silent`:
 * no answer, which passes; `not_found`: there is no such thing, or the app may not see it any more.
 */
export type ShopifyFailure = "denied" | "silent" | "not_found";

export type Asked<T> = { ok: true; found: T } | { ok: false; failure: ShopifyFailure };

/** What the library's errors carry of Shopify's answer. */
interface LibraryError {
  response?: { code?: number };
  body?: { errors?: { graphQLErrors?: { extensions?: { code?: string } }[] } };
}

/** The answer to a query, not looked at yet. Whatever goes wrong at Shopify is an outcome. */
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
    return { ok: false, failure: isDenied(thrown) ? "denied" : "silent" };
  }
}

function isDenied(thrown: unknown): boolean {
  const { response, body } = (thrown ?? {}) as LibraryError;
  if (response?.code === 401 || response?.code === 403) return true;
  const errors = body?.errors?.graphQLErrors ?? [];
  return errors.some(({ extensions }) => extensions?.code === "ACCESS_DENIED");
}
