import { type QualityScore, qualityScores } from "./answers.server.ts";
import { isPinterestId } from "./pinterest-id.server.ts";
import { invalid, type Result, readResult } from "./result.server.ts";
import type { Transport } from "./transport.server.ts";

/** The periods that Pinterest scores: the last day, or the last two weeks. */
export type Lookback = "1d" | "14d";

/**
 * Fetches Pinterest's event quality scores of an ad account, one for each platform and source; an
 * empty list while there is no score yet. Needs an OAuth token with `ads:read`; a conversion token
 * is not enough.
 */
export async function getEventQuality(
  transport: Transport,
  { adAccountId, token, lookback }: { adAccountId: string; token: string; lookback: Lookback },
): Promise<Result<QualityScore[]>> {
  if (!isPinterestId(adAccountId)) return invalid("The ad account id must be 1 to 18 digits");
  const exchange = await transport.send({
    method: "GET",
    path: `/ad_accounts/${adAccountId}/conversion_eqs?lookback_period=${lookback}`,
    authorization: `Bearer ${token}`,
    secrets: () => [token],
  });
  return readResult(exchange, qualityScores);
}
