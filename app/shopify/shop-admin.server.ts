import { z } from "zod";
import { isRefusal, SHOPIFY_TIMEOUT_MS, type ShopifyAdmin } from "./ask-shopify.server.ts";

interface Pace {
  /** Ends a request under way, and all waiting. */
  signal: AbortSignal;
  /** Rejects when the signal aborts. */
  wait: (ms: number, value: undefined, options: { signal: AbortSignal }) => Promise<unknown>;
}

/** Tries after a request that got no answer. */
const SILENT_PAUSES_MS = [1_000, 4_000];
const MOST_MS = 60_000;
const LEAST_MS = 500;

const cost = z.object({
  requestedQueryCost: z.number(),
  throttleStatus: z.object({
    maximumAvailable: z.number(),
    currentlyAvailable: z.number(),
    restoreRate: z.number().positive(),
  }),
});
const answered = z.object({ extensions: z.object({ cost }) });
const THROTTLED = z.object({
  body: z.object({
    errors: z.object({
      graphQLErrors: z.array(z.object({ extensions: z.object({ code: z.string() }) })),
    }),
  }),
});

const refused = z.object({ response: z.object({ code: z.literal(401) }) });

/**
 * An Admin API for work of many queries: each waits until Shopify has points for it, and half of
 * them stay free, since the shop's admin asks with the same ones. A throttled query is sent again.
 * Each request has its own time limit; the caller's signal is not used.
 */
export function paceAdmin(admin: ShopifyAdmin, { signal, wait }: Pace): ShopifyAdmin {
  let pauseMs = 0;
  return {
    async graphql(query, options) {
      for (let silences = 0; ; ) {
        if (pauseMs > 0) await wait(pauseMs, undefined, { signal });
        pauseMs = 0;
        try {
          const limit = AbortSignal.any([signal, AbortSignal.timeout(SHOPIFY_TIMEOUT_MS)]);
          const response = await admin.graphql(query, { ...options, signal: limit });
          const answer = await response.json();
          pauseMs = pauseAfter(answered.safeParse(answer).data?.extensions.cost);
          return { json: async () => answer };
        } catch (thrown) {
          if (signal.aborted) throw thrown;
          if (isThrottled(thrown)) {
            const { data } = answered.safeParse((thrown as { body?: unknown }).body);
            pauseMs = Math.max(LEAST_MS, pauseAfter(data?.extensions.cost));
            continue;
          }
          const pause = isRefusal(thrown) ? undefined : SILENT_PAUSES_MS[silences];
          if (pause === undefined) throw thrown;
          silences += 1;
          pauseMs = pause;
        }
      }
    },
  };
}

/** Opens the Admin API of a shop without its merchant. Rejects when there is no session of it. */
export type OpenAdmin = (domain: string) => Promise<ShopifyAdmin>;

/**
 * The Admin API of a shop, or why there is none. `no_session`: the shop has no session here, so a
 * person has to open the app once. `silent`: the token could not be renewed. This passes, unless
 * nobody has opened the app for 90 days.
 */
export async function openShopAdmin(
  openAdmin: OpenAdmin,
  domain: string,
): Promise<ShopifyAdmin | "no_session" | "silent"> {
  try {
    await openAdmin(domain);
    return openForEach(() => openAdmin(domain));
  } catch (error) {
    return (error as Error | null)?.constructor?.name === "SessionNotFoundError"
      ? "no_session"
      : "silent";
  }
}

/**
 * An Admin API that is opened anew for each query: a token is good for an hour, and work on very many
 * orders takes longer.
 */
function openForEach(open: () => Promise<ShopifyAdmin>): ShopifyAdmin {
  return { graphql: async (...request) => (await open()).graphql(...request) };
}

/**
 * An Admin API that is opened anew, once, where Shopify refuses its token: it may take one back before
 * its time. What `reopen` rejects with is the answer then: no new token is no denied permission.
 */
export function reopenOnRefusal(
  admin: ShopifyAdmin,
  reopen: () => Promise<ShopifyAdmin>,
): ShopifyAdmin {
  return {
    async graphql(...asked) {
      try {
        return await admin.graphql(...asked);
      } catch (error) {
        if (!refused.safeParse(error).success) throw error;
        return (await reopen()).graphql(...asked);
      }
    },
  };
}

/** How long until the next query of this size leaves half of the points free. */
function pauseAfter(known: z.infer<typeof cost> | undefined): number {
  if (known === undefined) return 0;
  const { maximumAvailable, currentlyAvailable, restoreRate } = known.throttleStatus;
  const wanted = Math.min(maximumAvailable, maximumAvailable / 2 + known.requestedQueryCost);
  const ms = Math.ceil(((wanted - currentlyAvailable) / restoreRate) * 1_000);
  return Math.min(Math.max(ms, 0), MOST_MS);
}

function isThrottled(thrown: unknown): boolean {
  const errors = THROTTLED.safeParse(thrown).data?.body.errors.graphQLErrors ?? [];
  return errors.some(({ extensions }) => extensions.code === "THROTTLED");
}
