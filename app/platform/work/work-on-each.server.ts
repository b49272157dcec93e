import type { LogFields } from "#app/platform/log-fields.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";

export class EveryItemFailedError extends Error {
  override name = "EveryItemFailedError";
}

interface Item {
  id: bigint;
}

export interface EachJob<T extends Item, Result> {
  /** The name in the log. */
  job: string;
  /** The field by which a reader of the log identifies the item. */
  describe: (item: T) => Pick<LogFields, "shop" | "request">;
  /** Lists items with an id above `after`, by id, at most `limit`; fewer are the last. */
  readPage: (after: bigint, limit: number) => Promise<T[]>;
  work: (item: T) => Promise<Result>;
  /** The number of items worked on at the same time. */
  atOnce?: number;
  pageSize?: number;
}

const AT_ONCE = 4;
const PAGE_SIZE = 500;

/**
 * Works on each item of a list that may be long, each on its own: an item's fault is logged and
 * counted, and neither stops the others nor goes first in the next run. A page is read after the
 * last one is done. Rejects with EveryItemFailedError when there were items and all failed: then
 * the fault is not theirs, and the job is worth a retry.
 */
export async function workOnEach<T extends Item, Result>(
  { log }: { log?: Pick<Logger, "error"> | undefined },
  job: EachJob<T, Result>,
): Promise<{ results: Result[]; failed: number }> {
  const { pageSize = PAGE_SIZE } = job;
  const results: Result[] = [];
  let failed = 0;
  let firstFault: unknown;
  for (let after = 0n; ; ) {
    const page = await job.readPage(after, pageSize);
    await inTurns(page, job.atOnce ?? AT_ONCE, async (item) => {
      try {
        results.push(await job.work(item));
      } catch (fault) {
        failed += 1;
        firstFault ??= fault;
        log?.error({ job: job.job, ...job.describe(item), err: fault }, "a part of a job failed");
      }
    });
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) break;
    after = last.id;
  }
  if (failed > 0 && results.length === 0) {
    throw new EveryItemFailedError(`${job.job} failed for all ${failed}`, { cause: firstFault });
  }
  return { results, failed };
}

async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const turns = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const item of waiting) await work(item);
  });
  await Promise.all(turns);
}
