import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import {
  type QualityRefresh,
  type QualityServices,
  refreshQuality,
} from "./refresh-quality.server.ts";

/**
 * Asks Pinterest once a day for the scores of every shop that signed in: each hour those of some
 * lanes, so that a thousand shops do not ask in the same minute.
 */
export async function scheduleQuality(
  services: QualityServices & { log: Logger; queue: Pick<Queue, "schedule"> },
): Promise<void> {
  await services.queue.schedule("refresh-quality", "17 * * * *", async () => {
    await refreshDueQuality(services, new Date().getUTCHours());
  });
}

/**
 * The shops whose turn is in this hour (UTC) and that were not asked for in the last 20 hours. What
 * fails for one shop is logged, and stops no other.
 */
export async function refreshDueQuality(
  services: QualityServices & { log: Logger },
  hour: number,
): Promise<{ refreshed: number; failed: number }> {
  const { results, failed } = await workOnEach<DueShop, QualityRefresh["failure"]>(services, {
    job: "refresh-quality",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => readDue(services, hour, after, limit),
    work: async (shop) => {
      const { failure } = await refreshQuality(services, shop);
      if (failure !== null) {
        services.log.warn({ shop: shop.domain, failure }, "the event quality scores did not come");
      }
      return failure;
    },
  });
  const refreshed = results.filter((failure) => failure === null).length;
  return { refreshed, failed: failed + results.length - refreshed };
}

type DueShop = { id: bigint; domain: string };

async function readDue(
  { db }: Pick<QualityServices, "db">,
  hour: number,
  after: bigint,
  limit: number,
): Promise<DueShop[]> {
  const { rows } = await db.pool.query<DueShop>(
    `select s.id, s.domain from shop s join connection c on c.shop_id = s.id
      where s.state = 'installed' and c.state = 'active' and c.kind = 'sign_in'
        and s.lane % 24 = $1 and s.id > $2 and not exists (
          select from quality_snapshot q where q.shop_id = s.id
            and q.ad_account_id = c.ad_account_id and q.fetched_at > now() - interval '20 hours')
      order by s.id limit $3`,
    [hour, after, limit],
  );
  return rows;
}
