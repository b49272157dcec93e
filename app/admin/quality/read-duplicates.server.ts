import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter, Moment } from "#app/admin/shell/format/formatter.server.ts";
import { describeTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { IdSource } from "#app/events/mapped-event.ts";
import type { ShownNotice } from "#app/events/notices/notice.ts";
import { isFiring } from "#app/events/pinterest-tag.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  RECENT_DAYS,
  type RecentSums,
  readRecentSums,
  readStoredFacts,
  type StoredFacts,
} from "./read-recent-sums.server.ts";
import { duplicatesTexts, platformWords, qualityTexts } from "./texts.ts";

export interface SignRow {
  sign: string;
  word: string;
  tone?: "attention" | "info";
  text: string;
}

/** Tells whether another sender was seen; silence does not mean "all good". */
export interface DuplicatesView {
  verdict: { label: string; tone?: "attention" };
  verdictText: string;
  signs: SignRow[];
  shares: {
    browser: ShareOfPurchases;
    order: ShareOfPurchases;
    /** Purchases sent by hand or by the API under ids of their own. */
    given: { text: string; url: string } | null;
    /** Over what was counted. */
    note: string;
  } | null;
  /** Null: there were no purchases, or they could not be counted in time; says which. */
  sharesNote: string;
  trouble: ShownNotice | null;
  fetched: Moment | null;
}

export interface ShareOfPurchases {
  heading: string;
  text: string;
  url: string;
}

/** What the duplicate check shows, from what is stored; nothing is asked or written. */
export async function readDuplicates(
  services: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
  format: Formatter,
): Promise<DuplicatesView> {
  const facts = await readStoredFacts(services, shopId);
  const recent = await readRecentSums(services, shopId, format);
  const signs = describeSigns(facts, format);
  const words = new Set(signs.map(({ word }) => word));
  const fetchedAt = facts.scores["14d"]?.fetchedAt ?? null;
  const verdict = decideVerdict(words);
  return {
    verdict: duplicatesTexts.verdicts[verdict],
    verdictText: duplicatesTexts.verdictTexts[verdict],
    signs,
    ...describeShares(recent, format),
    trouble: describeTrouble({ access: facts.access, failure: null }, qualityTexts.subject),
    fetched: fetchedAt && format.moment(fetchedAt),
  };
}

/** Silence is no proof: a place that could not be looked at leaves the answer open. */
function decideVerdict(words: ReadonlySet<string>): keyof typeof duplicatesTexts.verdicts {
  if (words.has(duplicatesTexts.words.seen)) return "seen";
  if (words.has(duplicatesTexts.words.likely)) return "likely";
  return words.has(duplicatesTexts.words.cantTell) ? "cantTell" : "notSeen";
}

const shareTexts = duplicatesTexts.shares;

/** Where the ids of accepted purchases came from. The two shares add up to 100%. */
function describeShares(
  recent: RecentSums | null,
  format: Formatter,
): Pick<DuplicatesView, "shares" | "sharesNote"> {
  if (recent === null) return { shares: null, sharesNote: shareTexts.failed };
  const counts = { browser: 0, order: 0, given: 0 };
  for (const { kind, idSource, n } of recent.sums) {
    if (kind === "checkout" && isIdSource(idSource)) counts[idSource] += n;
  }
  const whole = counts.browser + counts.order;
  if (whole + counts.given === 0) return { shares: null, sharesNote: shareTexts.none };
  const share = computeShare(counts.browser, whole);
  const describe = (
    idSource: "browser" | "order",
    heading: string,
    text: string,
    part: number,
  ) => ({
    heading: formatMessage(heading, {
      share: format.percent(part, whole === 0 ? 0 : 100),
      n: format.number(counts[idSource]),
    }),
    text,
    url: eventsUrl(idSource),
  });
  const day = format.day(recent.sinceDay);
  return {
    shares: {
      browser: describe("browser", shareTexts.browser, shareTexts.browserText, share),
      order: describe("order", shareTexts.order, shareTexts.orderText, 100 - share),
      given:
        counts.given === 0
          ? null
          : {
              text: formatMessage(shareTexts.given, { n: counts.given }, format.locale),
              url: eventsUrl("given"),
            },
      note:
        recent.cappedAt === null
          ? formatMessage(shareTexts.since, { day })
          : formatMessage(shareTexts.capped, { n: format.number(recent.cappedAt), day }),
    },
    sharesNote: "",
  };
}

/** A share in percent, to a tenth; 0 and 100 only where they are exact, so that the other is too. */
function computeShare(part: number, whole: number): number {
  if (part === 0 || part === whole) return part === 0 ? 0 : 100;
  const share = Math.round((part / whole) * 1_000) / 10;
  return Math.min(Math.max(share, 0.1), 99.9);
}

function isIdSource(source: string): source is IdSource {
  return source === "browser" || source === "order" || source === "given";
}

/** The list of exactly these events: a link that shows another number would be worth nothing. */
function eventsUrl(idSource: IdSource): string {
  const period = { days: RECENT_DAYS };
  const query = toEventQuery({ kinds: ["checkout"], states: ["accepted"], idSource, period });
  return `/app/events?${query}`;
}

const { signs: signTexts, words } = duplicatesTexts;

/** Each sign of another sender with its word; what cannot be looked at says why. */
function describeSigns(facts: StoredFacts, format: Formatter): SignRow[] {
  return [
    sourceSign(facts),
    overlapSign(facts, format),
    tagSign(facts, format),
    cantTell(signTexts.page.label, signTexts.page.cantTell),
    cantTell(signTexts.cookie.label, signTexts.cookie.cantTell),
  ];
}

function sourceSign({ access, scores }: StoredFacts): SignRow {
  const { label, seen, notSeen } = signTexts.source;
  const rows = scores["14d"]?.scores;
  if (rows === undefined || rows.length === 0) return cantTell(label, whyUnknown(access));
  const foreign = rows.filter(({ ingestion }) => ingestion === "TAG");
  if (foreign.length === 0) return notSeenSign(label, notSeen);
  const platforms = foreign
    .map(({ platform }) => lookUp(platformWords, platform) ?? platform)
    .join(", ");
  return seenSign(label, formatMessage(seen, { platforms }));
}

function overlapSign({ access, scores }: StoredFacts, format: Formatter): SignRow {
  const { label, seen, notSeen, cantTell: unscored } = signTexts.overlap;
  const rows = scores["14d"]?.scores;
  if (rows === undefined || rows.length === 0) return cantTell(label, whyUnknown(access));
  const overlap = rows
    .filter(({ ingestion }) => ingestion === "CONVERSIONS_API")
    .map(({ components }) => components.external_event_id?.checkout?.overlap)
    .find((share) => share !== null && share !== undefined);
  if (overlap === undefined || overlap === null) return cantTell(label, unscored);
  if (overlap === 0) return notSeenSign(label, notSeen);
  const word = formatMessage(words.overlap, { share: format.percent(overlap, 100) });
  return { sign: label, word, tone: "info", text: seen };
}

function tagSign({ access, tags, storeTagId }: StoredFacts, format: Formatter): SignRow {
  const { label, seen, notSeen, cantTell: unknown } = signTexts.tag;
  if (tags === null) {
    return cantTell(label, access === "signed_in" ? unknown : signTexts.signedOut);
  }
  const firing = tags.find((tag) => tag.id !== storeTagId && isFiring(tag, format.now.getTime()));
  if (firing === undefined) return notSeenSign(label, notSeen);
  const time = format.relative(new Date(firing.lastFiredMs ?? 0)).text;
  return seenSign(
    label,
    formatMessage(seen, { name: firing.name ?? shellTexts.unnamedTag, id: firing.id, time }),
  );
}

function whyUnknown(access: StoredFacts["access"]): string {
  return access === "signed_in" || access === "paused" ? signTexts.noScores : signTexts.signedOut;
}

function seenSign(sign: string, text: string): SignRow {
  return { sign, word: words.seen, tone: "attention", text };
}

function notSeenSign(sign: string, text: string): SignRow {
  return { sign, word: words.notSeen, text };
}

function cantTell(sign: string, text: string): SignRow {
  return { sign, word: words.cantTell, text };
}
