/** Collects what arrives at about the same time, so that one commit serves many requests. */
export interface CommitGroup<Item, Result> {
  /** Resolves when the item's group is committed. Rejects with CommitGroupError if it could not be. */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting or being committed. */
  drain(): Promise<void>;
}

export interface CommitGroupOptions<Item, Result> {
  /** Commits one group; one result per item, by index. */
  commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** How long the first item of a group waits for others. */
  maxWaitMs: number;
  maxItems: number;
  /** The size of one group's items; a larger item makes a group of its own. */
  maxBytes: number;
  countBytes: (item: Item) => number;
  /** The number of groups that are committed at once. */
  maxGroups: number;
  /** The number of items that may wait at once; more are rejected at once rather than answered too late. */
  maxWaiting: number;
  /** An item that has waited for so long is rejected: its answer would come too late. */
  maxAgeMs: number;
  /** A group that takes longer is given up: its callers are told, and the next group starts. */
  deadlineMs: number;
}

export class CommitGroupError extends Error {
  override name = "CommitGroupError";
  readonly code: "overloaded" | "timed_out";
  constructor(code: "overloaded" | "timed_out") {
    super(code === "overloaded" ? "too much is waiting to be stored" : "storing took too long");
    this.code = code;
  }
}

interface Waiting<Item, Result> {
  item: Item;
  since: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Items that arrive while groups are being committed form the next one. The size of a group thus
 * follows the load: one at a quiet time, `maxItems` at a busy one.
 */
export function createCommitGroup<Item, Result>(
  options: CommitGroupOptions<Item, Result>,
): CommitGroup<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  const idle: (() => void)[] = [];
  let groups = 0;
  /** The number of items in groups that are being committed. */
  let inHand = 0;
  let timer: NodeJS.Timeout | undefined;
  /** The first waiting item has waited its time; a group starts as soon as one may. */
  let isDue = false;
  let sweep: NodeJS.Timeout | undefined;

  /** While groups are stuck, waiting items must be told in time. */
  function refuseOld(): void {
    sweep = undefined;
    const oldest = performance.now() - options.maxAgeMs;
    while (waiting[0] !== undefined && waiting[0].since <= oldest) {
      waiting.shift()?.reject(new CommitGroupError("overloaded"));
    }
    watchAge();
    settleIdle();
  }

  function watchAge(): void {
    const first = waiting[0];
    if (first === undefined || sweep !== undefined) return;
    sweep = setTimeout(refuseOld, Math.max(1, first.since + options.maxAgeMs - performance.now()));
  }

  function settleIdle(): void {
    if (groups > 0 || waiting.length > 0) return;
    clearTimeout(sweep);
    sweep = undefined;
    for (const resolve of idle.splice(0)) resolve();
  }

  const share = () => fairShare(waiting.length + inHand, options);

  function schedule(): void {
    if (waiting.length === 0) return;
    if (!isDue && waiting.length < share()) {
      timer ??= setTimeout(() => {
        isDue = true;
        schedule();
      }, options.maxWaitMs);
    } else if (groups < options.maxGroups) {
      void commitNext();
    }
  }

  async function commitNext(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    isDue = false;
    groups += 1;
    const taken = nextGroup(waiting, share(), options);
    inHand += taken.length;
    const group = commitGroup(taken, options);
    schedule();
    await group;
    inHand -= taken.length;
    groups -= 1;
    schedule();
    settleIdle();
  }

  return {
    add(item) {
      if (waiting.length >= options.maxWaiting) {
        return Promise.reject(new CommitGroupError("overloaded"));
      }
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      waiting.push({ item, since: performance.now(), resolve, reject });
      schedule();
      watchAge();
      return promise;
    },
    drain() {
      if (groups === 0 && waiting.length === 0) return Promise.resolve();
      return new Promise((resolve) => idle.push(resolve));
    },
  };
}

/** However few webhooks a group has, its statements and its flush take 1 to 1.5 ms of processor time. */
const LEAST_SHARE = 24;

/**
 * Computes how many of the items in hand one group takes: if it took all, nothing would be read
 * while the database writes, and nothing written while the next group is read.
 */
function fairShare(
  all: number,
  { maxGroups, maxItems }: { maxGroups: number; maxItems: number },
): number {
  return Math.min(maxItems, Math.max(LEAST_SHARE, Math.ceil(all / maxGroups)));
}

function nextGroup<Item, Result>(
  waiting: Waiting<Item, Result>[],
  most: number,
  { countBytes, maxBytes }: Pick<CommitGroupOptions<Item, Result>, "countBytes" | "maxBytes">,
): Waiting<Item, Result>[] {
  let bytes = 0;
  let count = 0;
  for (const { item } of waiting) {
    bytes += countBytes(item);
    if (count === most || (count > 0 && bytes > maxBytes)) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

async function commitGroup<Item, Result>(
  group: Waiting<Item, Result>[],
  { commit, deadlineMs }: CommitGroupOptions<Item, Result>,
): Promise<void> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(new CommitGroupError("timed_out")), deadlineMs);
  try {
    const items = group.map(({ item }) => item);
    const results = await Promise.race([commit(items), deadline.promise]);
    for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
  } catch (error) {
    for (const { reject } of group) reject(error);
  } finally {
    clearTimeout(timer);
  }
}
