import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { describeTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import {
  type BrowserFacts,
  findDifferingSender,
  readBrowserFacts,
  type SecondSender,
} from "#app/admin/shell/problems/browser-problems.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { IdSource } from "#app/events/mapped-event.ts";
import type { ShownNotice } from "#app/events/notices/notice.ts";
import { isFiring } from "#app/events/pinterest-tag.ts";
import type { Database } from "#app/platform/db.server.ts";
import { duplicatesTexts } from "./duplicates-texts.ts";
import {
  RECENT_DAYS,
  type RecentSums,
  readRecentSums,
  readStoredFacts,
  type StoredFacts,
} from "./read-recent-sums.server.ts";
import { platformWords, qualityTexts } from "./texts.ts";

export interface SignRow {
  sign: string;
  word: string;
  tone?: "attention" | "info";
  text: string;
}

/** Tells whether another sender was seen; silence does not mean "all good". */
export interface DuplicatesView {
  verdict: { label: string; tone?: "attention" | "warning" };
  verdictText: string;
  /** The alert about a sender whose events Pinterest can't match with ours; null: none was seen. */
  alert: ShownNotice | null;
  senders: SenderRow[];
  signs: SignRow[];
  shares: {
    browser: ShareOfPurchases;
    order: ShareOfPurchases;
    /** Purchases sent by hand or by the API under ids of their own. */
    given: { text: string; url: string } | null;
    /** The period and number of events that the shares are measured on. */
    note: string;
  } | null;
  /** Null: there were no purchases, or they could not be counted in time; says which. */
  sharesNote: string;
  trouble: ShownNotice | null;
  fetched: Moment | null;
}

/** A tag of the store's pages that is not ours. */
export interface SenderRow {
  id: string;
  tag: string;
  seen: Moment;
  ids: string;
  tone?: "warning" | "success";
  advice: string;
}

export interface ShareOfPurchases {
  heading: string;
  text: string;
  url: string;
}

const { senders: senderTexts } = duplicatesTexts;

/** What the duplicate check shows, from what is stored; nothing is asked or written. */
export async function readDuplicates(
  services: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
  format: Formatter,
): Promise<DuplicatesView> {
  const facts = await readStoredFacts(services, shopId);
  const recent = await readRecentSums(services, shopId, format);
  const browser = await services.db.readAsShop(shopId, (tx) => readBrowserFacts(tx, shopId));
  const signs = describeSigns({ ...facts, browser }, format);
  const words = new Set(signs.map(({ word }) => word));
  const fetchedAt = facts.scores["14d"]?.fetchedAt ?? null;
  const differing = findDifferingSender(browser);
  const verdict = differing === null ? decideVerdict(words) : "differs";
  return {
    verdict: duplicatesTexts.verdicts[verdict],
    verdictText: duplicatesTexts.verdictTexts[verdict],
    alert: differing && { ...differing, nextStep: senderTexts.other.advice, action: null },
    senders: browser.senders
      .filter(({ kind }) => kind === "tag")
      .map((sender) => describeSender(sender, format)),
    signs,
    ...describeShares(recent, format),
    trouble: describeTrouble({ access: facts.access, failure: null }, qualityTexts.subject),
    fetched: fetchedAt && format.moment(fetchedAt),
  };
}

function describeSender(
  { tagId, sharesIds, lastSeenAt }: SecondSender,
  format: Formatter,
): SenderRow {
  const row = {
    id: tagId,
    tag: tagId === "" ? senderTexts.unknown : tagId,
    seen: format.relative(lastSeenAt),
  };
  if (sharesIds === null) return { ...row, ...senderTexts.none };
  return sharesIds
    ? { ...row, ...senderTexts.same, tone: "success" }
    : { ...row, ...senderTexts.other, tone: "warning" };
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

/**
 * A share in percent, to a tenth; 0 and 100 only where they are exact, so that the other is too.
 */
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
function describeSigns(facts: KnownFacts, format: Formatter): SignRow[] {
  return [
    sourceSign(facts),
    overlapSign(facts, format),
    tagSign(facts, format),
    pageSign(facts.browser, format),
    cookieSign(facts.browser, format),
  ];
}

interface KnownFacts extends StoredFacts {
  browser: BrowserFacts;
}

function pageSign(browser: BrowserFacts, format: Formatter): SignRow {
  const { label, seen, notSeen } = signTexts.page;
  const tags = listTags(browser);
  if (tags.length > 0) {
    const ids = tags.map(({ tagId }) => (tagId === "" ? senderTexts.unknown : tagId));
    return seenSign(label, formatMessage(seen, { n: ids.length, tags: ids.join(", ") }));
  }
  const blind = whyBlind(browser, format);
  return blind === null ? notSeenSign(label, notSeen) : cantTell(label, blind);
}

function cookieSign(browser: BrowserFacts, format: Formatter): SignRow {
  const { label, likely, explained, notSeen } = signTexts.cookie;
  if (browser.senders.some(({ kind }) => kind === "cookie")) {
    return listTags(browser).length > 0
      ? seenSign(label, explained)
      : { sign: label, word: words.likely, tone: "attention", text: likely };
  }
  const blind = whyBlind(browser, format);
  return blind === null ? notSeenSign(label, notSeen) : cantTell(label, blind);
}

function listTags({ senders }: BrowserFacts): SecondSender[] {
  return senders.filter(({ kind }) => kind === "tag");
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * Why the store's pages can't be looked into; null: they are. The embed reports through the pixel.
 */
function whyBlind({ pixel, lastEmbedAt }: BrowserFacts, format: Formatter): string | null {
  if (!pixel.isOn) return signTexts.noPixel;
  const isHeard = lastEmbedAt !== null && format.now.getTime() - lastEmbedAt.getTime() < WEEK_MS;
  return isHeard ? null : signTexts.noEmbed;
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
