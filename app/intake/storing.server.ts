import { createCommitGroup } from "./commit-group.server.ts";
import type { Patience } from "./commit-isolating-bad-rows.server.ts";
import type { StoredAs, VerifiedWebhook } from "./store-webhooks.server.ts";

/** Stores webhooks in the database, many in one commit. */
export interface Storing {
  /** Resolves when it is durable, or `blocked` or `failed`. Rejects when the database cannot be written. */
  add(webhook: VerifiedWebhook): Promise<StoredAs>;
  /** How long the oldest webhook has been in hand; 0 when there is none. */
  oldestMs(): number;
  /** Resolves when no webhook is waiting or being stored. */
  drain(): Promise<void>;
}

/** Reads, maps and stores webhooks in one commit; one result per webhook, by index. */
export type StoreWebhooks = (
  webhooks: readonly VerifiedWebhook[],
  patience: Patience,
) => Promise<readonly StoredAs[]>;

/**
 * Two groups at once: while the database writes one, the next is read, mapped and encrypted.
 * Shopify waits 5 s for its answer: a webhook is rejected after 4 s at the latest.
 */
const BRIEF = {
  maxWaitMs: 4,
  maxItems: 200,
  maxBytes: 4 * 1024 * 1024,
  maxGroups: 2,
  maxWaiting: 4_000,
  maxAgeMs: 2_000,
  deadlineMs: 2_000,
};
const PATIENT = { ...BRIEF, maxWaiting: 1_000, maxAgeMs: 1_000, deadlineMs: 1_500 };

/** A webhook that is older than this is not tried a second time. */
const SECOND_TRY_WITHIN_MS = 1_000;
/** A shop whose rows were locked is stored separately for so long, or until it is stored. */
const APART_MS = 10_000;

/**
 * Webhooks of a shop whose rows are locked are stored in groups of their own, which wait for the
 * locks longer: in a group with others they would delay those again and again.
 */
export function createStoring(
  storeWebhooks: StoreWebhooks,
  { nowMs, onGroup }: { nowMs: () => number; onGroup: (webhooks: number) => void },
): Storing {
  const apart = new Map<string, number>();
  const inHand = new Set<{ since: number }>();
  const createGroup = (options: typeof BRIEF, patience: Patience) =>
    createCommitGroup<VerifiedWebhook, StoredAs>({
      ...options,
      countBytes: ({ body }) => body.length,
      commit: (webhooks) => {
        onGroup(webhooks.length);
        return storeWebhooks(webhooks, patience);
      },
    });
  const brief = createGroup(BRIEF, "brief");
  const patient = createGroup(PATIENT, "patient");

  async function addApart(webhook: VerifiedWebhook): Promise<StoredAs> {
    const { shopDomain } = webhook.headers;
    apart.set(shopDomain, nowMs() + APART_MS);
    const stored = await patient.add(webhook);
    if (stored !== "blocked") apart.delete(shopDomain);
    return stored;
  }

  async function addTo(webhook: VerifiedWebhook): Promise<StoredAs> {
    const { shopDomain } = webhook.headers;
    const until = apart.get(shopDomain);
    if (until !== undefined && until > nowMs()) return addApart(webhook);
    apart.delete(shopDomain);
    const since = nowMs();
    const stored = await brief.add(webhook);
    const mayTryAgain = stored === "blocked" && nowMs() - since < SECOND_TRY_WITHIN_MS;
    return mayTryAgain ? addApart(webhook) : stored;
  }

  return {
    add(webhook) {
      const mark = { since: performance.now() };
      inHand.add(mark);
      return addTo(webhook).finally(() => inHand.delete(mark));
    },
    oldestMs() {
      // A set keeps the order in which they came.
      const [oldest] = inHand;
      return oldest === undefined ? 0 : performance.now() - oldest.since;
    },
    async drain() {
      // Webhooks that the first could not store go to the second.
      await brief.drain();
      await patient.drain();
    },
  };
}
