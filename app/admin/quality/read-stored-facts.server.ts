import type { PinterestAccess } from "#app/events/pinterest-access.ts";
import { type PinterestTag, readPinterestTags } from "#app/events/pinterest-tag.ts";
import { type QualityScore, readQualityScores } from "#app/events/quality-score.ts";
import type { Database } from "#app/platform/db.server.ts";

/** What Pinterest told of a shop's ad account before. */
export interface StoredFacts {
  access: PinterestAccess;
  /** By period; null where it was never asked for this ad account. */
  scores: Record<string, { scores: QualityScore[]; fetchedAt: Date } | undefined>;
  tags: PinterestTag[] | null;
  storeTagId: string | null;
}

/** Asks nothing. What was told of an ad account that the shop had before is left out. */
export async function readStoredFacts(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
): Promise<StoredFacts> {
  const shop = await db.readAsShop(shopId, (tx) =>
    tx.shop.findUnique({
      where: { id: shopId },
      select: {
        storeTagId: true,
        connection: { select: { adAccountId: true, kind: true, state: true } },
        qualitySnapshots: true,
        tagCache: true,
      },
    }),
  );
  const adAccountId = shop?.connection?.adAccountId;
  const snapshots = shop?.qualitySnapshots.filter((row) => row.adAccountId === adAccountId) ?? [];
  const isOwnCache = shop?.tagCache?.adAccountId === adAccountId;
  return {
    access: accessOf(shop?.connection ?? null),
    scores: Object.fromEntries(
      snapshots.map((row) => [
        row.lookback,
        { scores: readQualityScores(row.scores), fetchedAt: row.fetchedAt },
      ]),
    ),
    tags: shop?.tagCache && isOwnCache ? readPinterestTags(shop.tagCache.tags) : null,
    storeTagId: shop?.storeTagId ?? null,
  };
}

function accessOf(connection: { kind: string; state: string } | null): PinterestAccess {
  if (connection === null) return "none";
  if (connection.kind === "pasted") return "pasted";
  return connection.state === "paused" ? "paused" : "signed_in";
}
