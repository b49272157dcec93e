/** The Admin API of the shop that a page was opened in. */
export interface StoreAdmin {
  graphql(
    query: string,
    options: { variables: Record<string, unknown> },
  ): Promise<{ json(): Promise<unknown> }>;
}

export type StoreAnswer = { state: "answered"; data: unknown } | StoreFailure;
export interface StoreFailure {
  /** `denied`: a permission is missing; `unavailable`: it may go by itself. */
  state: "denied" | "unavailable";
}

/** What the library's errors carry of Shopify's answer. */
interface LibraryError {
  status?: number;
  response?: { code?: number };
  body?: { errors?: { graphQLErrors?: { extensions?: { code?: string } }[] } };
}

/** The data of an answer, not looked at yet. A preview that fails must not fail its page. */
export async function askStore(
  admin: StoreAdmin,
  query: string,
  variables: Record<string, unknown>,
): Promise<StoreAnswer> {
  try {
    const response = await admin.graphql(query, { variables });
    const answer = (await response.json()) as { data?: unknown };
    return { state: "answered", data: answer.data };
  } catch (thrown) {
    return { state: isDenied(thrown) ? "denied" : "unavailable" };
  }
}

function isDenied(thrown: unknown): boolean {
  const { status, response, body } = (thrown ?? {}) as LibraryError;
  if ([status, response?.code].some((code) => code === 403)) return true;
  const errors = body?.errors?.graphQLErrors ?? [];
  return errors.some(({ extensions }) => extensions?.code === "ACCESS_DENIED");
}
