import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import type { PinterestAccess } from "#app/events/pinterest-access.ts";
import { type PinterestTag, readPinterestTags } from "#app/events/pinterest-tag.ts";
import { type QualityScore, readQualityScores } from "#app/events/quality-score.ts";
import { type Database, isTooSlow, limitStatements } from "#app/platform/db.server.ts";

/** Accepted events that have the same in common. */
export interface RecentSum {
  kind: string;
  /** The bits of app/events/match-keys.ts. */
  keyBits: number;
  /** `browser`, `order` or `given`. */
  idSource: string;
  n: number;
}

export interface RecentSums {
  sums: RecentSum[];
  /** How many events of any state were looked at, when that is not all of the period. */
  cappedAt: number | null;
  /** The shop's day of the oldest that was looked at, or the first of the period. */
  sinceDay: string;
}

/** Days of the period, today included: what a list of events with `days=14` shows. */
export const RECENT_DAYS = 14;
/** Events looked at: a few tenths of a second's work, however large the shop. */
const MOST_EVENTS = 100_000;
const TIMEOUT_MS = 3_000;
const DAY_MS = 86_400_000;

interface Row {
  kind: string;
  key_bits: number;
  id_source: string;
  n: bigint;
  looked_at: bigint;
  oldest: bigint;
}

/**
 * What Pinterest accepted of a shop in 14 of its days, counted over its latest events alone where
 * there are very many. Null when the database took too long.
 */
export async function readRecentSums(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
  format: Formatter,
  mostEvents: number = MOST_EVENTS,
): Promise<RecentSums | null> {
  const today = Date.parse(`${format.dayOf(format.now)}T00:00:00Z`);
  const firstDay = new Date(today - (RECENT_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const since = BigInt(Math.floor(format.startOfDay(firstDay).getTime() / 1_000));
  const rows = await readRows({ db }, shopId, since, mostEvents);
  if (rows === null) return null;
  const isCapped = Number(rows[0]?.looked_at ?? 0) >= mostEvents;
  const oldest = new Date(Number(rows[0]?.oldest ?? since) * 1_000);
  return {
    sums: rows
      .filter(({ n }) => n > 0n)
      .map((row) => ({
        kind: row.kind,
        keyBits: row.key_bits,
        idSource: row.id_source,
        n: Number(row.n),
      })),
    cappedAt: isCapped ? mostEvents : null,
    sinceDay: isCapped ? format.dayOf(oldest) : firstDay,
  };
}

async function readRows(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
  since: bigint,
  mostEvents: number,
): Promise<Row[] | null> {
  try {
    return await db.readAsShop(shopId, async (tx) => {
      await limitStatements(tx, TIMEOUT_MS);
      return tx.$queryRaw<Row[]>`
        with recent as (
          select kind, key_bits, id_source, state, event_time from event
          where shop_id = ${shopId} and event_time >= ${since}
          order by event_time desc, id desc limit ${mostEvents}),
        seen as (select count(*) as looked_at, min(event_time) as oldest from recent)
        select kind, key_bits, id_source, count(*) filter (where state = 'accepted') as n,
          looked_at, oldest
        from recent, seen group by kind, key_bits, id_source, looked_at, oldest`;
    });
  } catch (error) {
    if (isTooSlow(error)) return null;
    throw error;
  }
}

/** The answers that Pinterest gave before about a shop's ad account. */
export interface StoredFacts {
  access: PinterestAccess;
  /** The scores of each period; null where Pinterest was never asked for this ad account. */
  scores: Record<string, { scores: QualityScore[]; fetchedAt: Date } | undefined>;
  tags: PinterestTag[] | null;
  storeTagId: string | null;
}

/** Reads stored answers and sends no request. Answers about a former ad account are left out. */
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
    access: decideAccess(shop?.connection ?? null),
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

function decideAccess(connection: { kind: string; state: string } | null): PinterestAccess {
  if (connection === null) return "none";
  if (connection.kind === "pasted") return "pasted";
  return connection.state === "paused" ? "paused" : "signed_in";
}
