/** Collects what arrives at about the same time, so that one commit serves many requests. */
export interface CommitGroup<Item, Result> {
  /** Resolves when the item's group is committed. Rejects with CommitGroupError when it is not. */
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
  /** Groups being committed at once. */
  maxGroups: number;
  /** Items that may wait at once; more are refused at once rather than answered too late. */
  maxWaiting: number;
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
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * What arrives while groups are being committed forms the next one. The size of a group so follows
 * the load: one at a quiet time, `maxItems` at a busy one.
 */
export function createCommitGroup<Item, Result>(
  options: CommitGroupOptions<Item, Result>,
): CommitGroup<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  const idle: (() => void)[] = [];
  let groups = 0;
  let timer: NodeJS.Timeout | undefined;
  /** The first of those that wait has waited its time; a group starts as soon as one may. */
  let isDue = false;

  function schedule(): void {
    if (waiting.length === 0) return;
    if (!isDue && waiting.length < options.maxItems) {
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
    const group = commitGroup(waiting.splice(0, options.maxItems), options);
    schedule();
    await group;
    groups -= 1;
    schedule();
    if (groups > 0 || waiting.length > 0) return;
    for (const resolve of idle.splice(0)) resolve();
  }

  return {
    add(item) {
      if (waiting.length >= options.maxWaiting) {
        return Promise.reject(new CommitGroupError("overloaded"));
      }
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      waiting.push({ item, resolve, reject });
      schedule();
      return promise;
    },
    drain() {
      if (groups === 0 && waiting.length === 0) return Promise.resolve();
      return new Promise((resolve) => idle.push(resolve));
    },
  };
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
