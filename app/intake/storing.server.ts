import { traced } from "#app/platform/trace.server.ts";
import { type CommitGroupOptions, createCommitGroup } from "./commit-group.server.ts";
import type { Patience } from "./commit-isolating-bad-rows.server.ts";

/** Stores what arrives in the database, many items in one commit. */
export interface Storing<Item, Result> {
  /** Resolves when it is durable, or with why it is not. Rejects when the database cannot be written. */
  add(item: Item): Promise<Result>;
  /** How long the oldest item has been in hand; 0 when there is none. */
  oldestMs(): number;
  /** Resolves when no item is waiting or being stored. */
  drain(): Promise<void>;
}

export type GroupLimits = Omit<CommitGroupOptions<unknown, unknown>, "commit" | "countBytes">;

export interface StoringOptions<Item, Result> {
  /** Reads, maps and stores items in one commit; one result per item, by index. */
  store: (items: readonly Item[], patience: Patience) => Promise<readonly Result[]>;
  /** The limits of the groups in which items of all shops are together, and of the second try. */
  groups: Record<Patience, GroupLimits>;
  /** Its shop's rows are locked by another transaction. */
  isBlocked: (result: Result) => boolean;
  onGroup: (items: number) => void;
  /** The shop of an item, where it is known before the item is read. */
  shopOf?: (item: Item) => string;
  nowMs: () => number;
}

/** An item that is older than this is not tried a second time. */
const SECOND_TRY_WITHIN_MS = 1_000;
/** A shop whose rows were locked is stored separately for so long, or until it is stored. */
const APART_MS = 10_000;

/**
 * Items of a shop whose rows are locked are stored in groups of their own, which wait for the locks
 * longer: in a group with others they would delay those again and again.
 */
export function createStoring<Item extends { body: Buffer }, Result>({
  store,
  groups,
  isBlocked,
  onGroup,
  shopOf = () => "",
  nowMs,
}: StoringOptions<Item, Result>): Storing<Item, Result> {
  const apart = new Map<string, number>();
  const inHand = new Set<{ since: number }>();
  const createGroup = (patience: Patience) =>
    createCommitGroup<Item, Result>({
      ...groups[patience],
      countBytes: ({ body }) => body.length,
      commit: (items) => {
        onGroup(items.length);
        return traced("store", { rows: items.length }, () => store(items, patience), items);
      },
    });
  const brief = createGroup("brief");
  const patient = createGroup("patient");

  async function addApart(item: Item): Promise<Result> {
    const shop = shopOf(item);
    if (shop !== "") apart.set(shop, nowMs() + APART_MS);
    const stored = await patient.add(item);
    if (!isBlocked(stored)) apart.delete(shop);
    return stored;
  }

  async function addTo(item: Item): Promise<Result> {
    const shop = shopOf(item);
    const until = apart.get(shop);
    if (until !== undefined && until > nowMs()) return addApart(item);
    apart.delete(shop);
    const since = nowMs();
    const stored = await brief.add(item);
    const mayTryAgain = isBlocked(stored) && nowMs() - since < SECOND_TRY_WITHIN_MS;
    return mayTryAgain ? addApart(item) : stored;
  }

  return {
    add(item) {
      const mark = { since: performance.now() };
      inHand.add(mark);
      return addTo(item).finally(() => inHand.delete(mark));
    },
    oldestMs() {
      // A set keeps the order in which they came.
      const [oldest] = inHand;
      return oldest === undefined ? 0 : performance.now() - oldest.since;
    },
    async drain() {
      // What the first could not store goes to the second.
      await brief.drain();
      await patient.drain();
    },
  };
}
