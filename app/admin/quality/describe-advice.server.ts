import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { QualityScore } from "#app/events/quality-score.ts";
import type { KeyCounts } from "./describe-own-coverage.server.ts";
import { type AdviceRow, adviceTable, componentWords, qualityTexts } from "./texts.ts";

const texts = qualityTexts.advice;

interface Share {
  percent: number;
  source: string;
}

/**
 * What would raise the coverage of purchases: by Pinterest's score of what we send, else by our own
 * records. Empty as well when nobody knows of any purchase.
 */
export function describeAdvice(
  scores: readonly QualityScore[],
  purchases: KeyCounts | undefined,
  format: Formatter,
): AdviceRow[] {
  const ours = scores.find(
    ({ platform, ingestion }) => platform === "WEB" && ingestion === "CONVERSIONS_API",
  );
  return adviceTable.flatMap(({ component, key, below, cause, action }) => {
    const share = scoredShare(ours, component) ?? countedShare(purchases, key);
    if (share === null || share.percent >= below) return [];
    const finding = say(texts.finding, {
      key: lookUp(componentWords, component) ?? component,
      share: format.percent(share.percent, 100),
      source: share.source,
    });
    return [{ key: component, finding, cause, action }];
  });
}

function scoredShare(ours: QualityScore | undefined, component: string): Share | null {
  const score = ours?.components[component]?.checkout;
  return score === undefined ? null : { percent: score.coverage, source: texts.fromPinterest };
}

function countedShare(
  purchases: KeyCounts | undefined,
  key: (typeof adviceTable)[number]["key"],
): Share | null {
  if (key === null || purchases === undefined || purchases.total === 0) return null;
  return { percent: (purchases[key] / purchases.total) * 100, source: texts.fromUs };
}
