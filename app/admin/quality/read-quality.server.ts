import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { describeTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import { customKind, kindWords } from "#app/admin/shell/words.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { ShownNotice } from "#app/events/notices/notice.ts";
import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import type { ComponentScore, Lookback, QualityScore } from "#app/events/quality-score.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  countKeys,
  describeOwnCoverage,
  type KeyCounts,
  type OwnCoverage,
  type ShareCell,
  type ShareTable,
} from "./describe-own-coverage.server.ts";
import { readRecentSums, readStoredFacts } from "./read-recent-sums.server.ts";
import {
  ALWAYS_SHOWN,
  adviceTable,
  componentWords,
  ingestionWords,
  overallWords,
  platformWords,
  qualityTexts,
} from "./texts.ts";

interface Quality {
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

/** Pinterest's own scores of one period. */
export interface PinterestScores {
  trouble: ShownNotice | null;
  overall: { label: string; word: string; tone?: "success" | "attention" | "warning" }[];
  tables: ShareTable[];
  fetched: Moment | null;
  /** Older than the day for which they are good. */
  isStale: boolean;
  advice: AdviceRow[];
}

interface AdviceRow {
  key: string;
  finding: string;
  cause: string;
  action: { label: string; url: string } | null;
}

const pinterestTexts = qualityTexts.pinterest;
const STALE_MS = 48 * 3_600_000;

interface KnownScores {
  access: PinterestAccess;
  failure: AskFailure | null;
  /** Null: never asked for this ad account. */
  scores: QualityScore[] | null;
  fetchedAt: Date | null;
}

/** Pinterest's scores of one period, and what would raise them. */
function describeScores(
  known: KnownScores,
  purchases: KeyCounts | undefined,
  format: Formatter,
): PinterestScores {
  const scores = known.scores ?? [];
  const ageMs = known.fetchedAt === null ? 0 : format.now.getTime() - known.fetchedAt.getTime();
  return {
    trouble: describeTrouble(known, qualityTexts.subject),
    overall: describeOverall(scores),
    tables: scores.map((score) => describeTable(score, format)),
    fetched: known.fetchedAt && format.moment(known.fetchedAt),
    isStale: ageMs > STALE_MS,
    advice: describeAdvice(scores, purchases, format),
  };
}

function describeOverall(scores: readonly QualityScore[]): PinterestScores["overall"] {
  const overall: PinterestScores["overall"] = scores.map((score) => {
    const known = lookUp(overallWords, score.status) ?? { word: score.status };
    return { label: findLabel(score.platform, score.ingestion), ...known };
  });
  const isOurs = ({ ingestion }: QualityScore) => ingestion === "CONVERSIONS_API";
  // Pinterest leaves out a platform with too few events. Offline is named once another has a score.
  if (
    scores.some(isOurs) &&
    !scores.some((score) => isOurs(score) && score.platform === "OFFLINE")
  ) {
    overall.push({ label: platformWords.OFFLINE, word: pinterestTexts.notEnough });
  }
  return overall;
}

function findLabel(platform: string, ingestion: string): string {
  return formatMessage(pinterestTexts.caption, {
    platform: lookUp(platformWords, platform) ?? platform,
    source: lookUp(ingestionWords, ingestion) ?? ingestion,
  });
}

function describeTable(score: QualityScore, format: Formatter): ShareTable {
  const scored = Object.keys(score.components);
  const known = Object.keys(componentWords);
  const always: readonly string[] = ALWAYS_SHOWN;
  const components = [
    ...known.filter((name) => always.includes(name) || scored.includes(name)),
    ...scored.filter((name) => !known.includes(name)),
  ];
  const events = [...new Set(Object.values(score.components).flatMap(Object.keys))];
  events.sort((one, other) => rankEvent(one) - rankEvent(other));
  const at = (component: string, event: string) => score.components[component]?.[event];
  return {
    caption: findLabel(score.platform, score.ingestion),
    columns: components.map((name) => lookUp(componentWords, name) ?? name),
    rows: events.map((event) => ({
      kind: labelOfKind(event),
      apiName: event,
      total: "",
      cells: components.map((component) => describeCell(component, at(component, event), format)),
    })),
    issues: events.flatMap((event) =>
      components.flatMap((component) =>
        (at(component, event)?.issues ?? []).map((issue) => ({
          where: formatMessage(pinterestTexts.issueWhere, {
            kind: labelOfKind(event),
            key: lookUp(componentWords, component) ?? component,
          }),
          ...issue,
        })),
      ),
    ),
  };
}

/** The rank of an event in the tables: the order of `kindWords`, then all others. */
function rankEvent(event: string): number {
  const place = Object.keys(kindWords).indexOf(event);
  return place === -1 ? Number.MAX_SAFE_INTEGER : place;
}

function labelOfKind(event: string): string {
  return lookUp(kindWords, event) ?? formatMessage(customKind, { name: event });
}

function describeCell(
  component: string,
  score: ComponentScore | undefined,
  format: Formatter,
): ShareCell {
  if (score === undefined) return { text: qualityTexts.none, percent: null, isLow: false };
  const coverage = format.percent(score.coverage, 100);
  const below = adviceTable.find((advice) => advice.component === component)?.below ?? 0;
  return {
    text:
      score.overlap === null
        ? coverage
        : formatMessage(pinterestTexts.overlap, {
            coverage,
            overlap: format.percent(score.overlap, 100),
          }),
    percent: score.coverage,
    isLow: score.coverage < below,
  };
}

const adviceTexts = qualityTexts.advice;

interface Share {
  percent: number;
  source: string;
}

/**
 * What would raise the coverage of purchases: by Pinterest's score of what we send, else by our own
 * records. Empty as well when there is no purchase.
 */
function describeAdvice(
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
    const finding = formatMessage(adviceTexts.finding, {
      key: lookUp(componentWords, component) ?? component,
      share: format.percent(share.percent, 100),
      source: share.source,
    });
    return [{ key: component, finding, cause, action }];
  });
}

function scoredShare(ours: QualityScore | undefined, component: string): Share | null {
  const score = ours?.components[component]?.checkout;
  return score === undefined
    ? null
    : { percent: score.coverage, source: adviceTexts.fromPinterest };
}

function countedShare(
  purchases: KeyCounts | undefined,
  key: (typeof adviceTable)[number]["key"],
): Share | null {
  if (key === null || purchases === undefined || purchases.total === 0) return null;
  return { percent: (purchases[key] / purchases.total) * 100, source: adviceTexts.fromUs };
}
