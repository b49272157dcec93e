import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { type QualityServices, refreshQuality } from "./refresh-quality.server.ts";

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
 * The shops whose turn is in this hour (UTC) and that were not asked for in the last 20 hours, one
 * after another. What fails for one shop is noted, and stops no other.
 */
export async function refreshDueQuality(
  services: QualityServices & { log: Logger },
  hour: number,
): Promise<{ refreshed: number; failed: number }> {
  const { rows } = await services.db.pool.query<{ id: bigint; domain: string }>(
    `select s.id, s.domain from shop s join connection c on c.shop_id = s.id
      where s.state = 'installed' and c.state = 'active' and c.kind = 'sign_in'
        and s.lane % 24 = $1 and not exists (
          select from quality_snapshot q where q.shop_id = s.id
            and q.ad_account_id = c.ad_account_id and q.fetched_at > now() - interval '20 hours')
      order by s.id`,
    [hour],
  );
  const sum = { refreshed: 0, failed: 0 };
  for (const shop of rows) {
    const failure = await refreshOne(services, shop);
    if (failure === null) sum.refreshed += 1;
    else sum.failed += 1;
  }
  return sum;
}

async function refreshOne(
  services: QualityServices & { log: Logger },
  shop: { id: bigint; domain: string },
): Promise<unknown> {
  try {
    const { failure } = await refreshQuality(services, shop);
    if (failure !== null) {
      services.log.warn({ shop: shop.domain, failure }, "the event quality scores did not come");
    }
    return failure;
  } catch (error) {
    services.log.error({ shop: shop.domain, err: error }, "the event quality scores did not come");
    return error;
  }
}
