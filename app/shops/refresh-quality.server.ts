import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import { LOOKBACKS } from "#app/events/quality-score.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
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
