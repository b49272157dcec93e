import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import type { AskFailure } from "#app/events/pinterest-access.ts";
import type { Lookback } from "#app/events/quality-score.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  countKeys,
  describeOwnCoverage,
  type OwnCoverage,
} from "./describe-own-coverage.server.ts";
import { describeScores, type PinterestScores } from "./describe-scores.server.ts";
import { readRecentSums, readStoredFacts } from "./read-recent-sums.server.ts";

export interface Quality {
  own: OwnCoverage;
  pinterest: PinterestScores;
  /** Signed in, and Pinterest was not asked for this ad account in the last day. */
  isToBeAsked: boolean;
  /** The same after Pinterest was asked; the counts of our own are not counted again. */
  afterAsking(failure: AskFailure | null): Promise<PinterestScores>;
}

type Services = { db: Pick<Database, "readAsShop"> };

const FRESH_MS = 26 * 3_600_000;

/** What the page of event quality shows, from what is stored. */
export async function readQuality(
  services: Services,
  shopId: bigint,
  lookback: Lookback,
  format: Formatter,
): Promise<Quality> {
  const recent = await readRecentSums(services, shopId, format);
  const purchases = countKeys(recent?.sums ?? []).get("checkout");
  const describe = async (failure: AskFailure | null) => {
    const { access, scores } = await readStoredFacts(services, shopId);
    const stored = scores[lookback];
    const fetchedAt = stored?.fetchedAt ?? null;
    const known = { access, failure, scores: stored?.scores ?? null, fetchedAt };
    return { known, view: describeScores(known, purchases, format) };
  };
  const { known, view } = await describe(null);
  const ageMs = format.now.getTime() - (known.fetchedAt?.getTime() ?? 0);
  return {
    own: describeOwnCoverage(recent, format),
    pinterest: view,
    isToBeAsked: known.access === "signed_in" && ageMs > FRESH_MS,
    afterAsking: async (failure) => (await describe(failure)).view,
  };
}
