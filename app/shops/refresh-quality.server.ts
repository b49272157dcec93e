import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import { LOOKBACKS } from "#app/events/quality-score.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import {
  askSignedIn,
  readSignInAccess,
  type SignInServices,
  withTimeout,
} from "#app/shops/connection/ask-signed-in.server.ts";

export interface QualityServices extends SignInServices {
  pinterest: Pick<PinterestClient, "getEventQuality" | "refreshOAuthToken">;
}

export interface QualityRefresh {
  access: PinterestAccess;
  failure: AskFailure | null;
}

type Shop = { id: bigint; domain: string };

/** A page is given up after five seconds. */
const WAIT_MS = 3_000;

/** Asks Pinterest for both periods and keeps them, or neither: they are shown side by side. */
export async function refreshQuality(
  services: QualityServices,
  shop: Shop,
): Promise<QualityRefresh> {
  const access = await readSignInAccess(services, shop);
  if (access.kind !== "signed_in") return { access: access.kind, failure: null };
  const snapshots: { lookback: string; scores: unknown }[] = [];
  for (const lookback of LOOKBACKS) {
    const answer = await askSignedIn(services, shop, access, (query) =>
      services.pinterest.getEventQuality({ ...query, lookback }),
    );
    if (!answer.ok) return { access: access.kind, failure: answer.error.kind };
    snapshots.push({ lookback, scores: answer.value });
  }
  await services.db.pool.query(
    // The scores are stored only while the shop has this ad account: another's must not be shown.
    `insert into quality_snapshot (shop_id, lookback, ad_account_id, scores, fetched_at)
      select c.shop_id, s.lookback, c.ad_account_id, s.scores, now()
        from connection c, jsonb_to_recordset($3::jsonb) as s(lookback text, scores jsonb)
        where c.shop_id = $1 and c.ad_account_id = $2
      on conflict (shop_id, lookback) do update set ad_account_id = excluded.ad_account_id,
        scores = excluded.scores, fetched_at = excluded.fetched_at`,
    [shop.id, access.adAccountId, JSON.stringify(snapshots)],
  );
  return { access: access.kind, failure: null };
}

/**
 * Fetches the scores when a merchant looks at them, if there are none of this ad account yet or the
 * daily job has missed the shop for more than a day.
 */
export async function refreshMissingQuality(
  services: QualityServices,
  shop: Shop,
  { waitMs = WAIT_MS }: { waitMs?: number } = {},
): Promise<QualityRefresh> {
  const [row] = await services.db.queryAsShop<{ known: bigint }>(shop.id, {
    name: "count-known-scores",
    text: `select count(*) as known from quality_snapshot q join connection c
      on c.shop_id = q.shop_id and c.ad_account_id = q.ad_account_id
      where q.shop_id = $1 and q.fetched_at > now() - interval '26 hours'`,
    values: [shop.id.toString()],
  });
  if (Number(row?.known) === LOOKBACKS.length) {
    const { kind } = await readSignInAccess(services, shop);
    return { access: kind, failure: null };
  }
  const asked = await withTimeout(refreshQuality(services, shop), waitMs);
  return asked ?? { access: "signed_in", failure: "slow" };
}

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
