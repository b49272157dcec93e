import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { shopSettings } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";
import { DUE_DAYS, LATE_DAYS } from "#app/privacy/privacy-request.server.ts";
import { privacyTexts } from "./texts.ts";

const texts = privacyTexts.requests;

/** What the page on privacy shows. */
export interface PrivacyView {
  payloadDays: number;
  /** What saving a lower number of days does, for each of them: index 0 is one day. */
  warnings: string[];
  /** Newest first. */
  requests: RequestRow[];
}

export interface RequestRow {
  id: string;
  what: string;
  received: Moment;
  due: Moment;
  state: string;
  tone: "success" | "critical" | "none";
  removed: string;
  /** Pinterest's answer about deleting it there; null: Pinterest is not asked. */
  pinterest: string | null;
  /** The document that can be downloaded; null: there is none, or it is gone. */
  answer: { label: string; fileName: string } | null;
}

const DAY_MS = 86_400_000;
const MOST_REQUESTS = 100;

interface Request {
  id: bigint;
  topic: string;
  state: string;
  receivedAt: Date;
  doneAt: Date | null;
  waitsFor: string | null;
  removed: unknown;
  hasAnswer: boolean;
  pinterest: string | null;
  pinterestRequest: string | null;
}

/** Reads how long shoppers' data is kept, and Shopify's requests about it. */
export async function readPrivacy(
  { db }: { db: Pick<Database, "readAsShop"> },
  shop: { id: bigint; domain: string },
  format: Formatter,
): Promise<PrivacyView> {
  const { settings, requests } = await db.readAsShop(shop.id, async (tx) => ({
    settings: await tx.shop.findUniqueOrThrow({
      where: { id: shop.id },
      select: { settings: true },
    }),
    // A request whose body names another shop than its sender is invalid, and is not listed.
    requests: await tx.$queryRaw<Request[]>`
      select id, topic, state, received_at as "receivedAt", done_at as "doneAt",
        waits_for as "waitsFor", removed, answer is not null as "hasAnswer",
        pinterest, pinterest_request as "pinterestRequest"
      from compliance_request where shop_domain = ${shop.domain} and state <> 'disputed'
      order by received_at desc, id desc limit ${MOST_REQUESTS}`,
  }));
  const payloadDays = parsePayloadDays(settings.settings);
  return {
    payloadDays,
    warnings: Array.from({ length: payloadDays - 1 }, (_, index) =>
      formatMessage(privacyTexts.retention.ask, { days: index + 1 }),
    ),
    requests: requests.map((request) => toRow(request, format)),
  };
}

/**
 * Only differences from the defaults are stored; a value from an older version may be invalid now.
 */
function parsePayloadDays(stored: unknown): number {
  const { payload_days: given } = stored as { payload_days?: unknown };
  const parsed = shopSettings.safeParse(given === undefined ? {} : { payload_days: given });
  return parsed.success ? parsed.data.payload_days : shopSettings.parse({}).payload_days;
}

function toRow(request: Request, format: Formatter): RequestRow {
  const { id, topic, receivedAt } = request;
  const due = new Date(receivedAt.getTime() + DUE_DAYS * DAY_MS);
  return {
    id: String(id),
    what: lookUp(texts.topics, topic) ?? topic,
    received: format.moment(receivedAt),
    due: format.moment(due),
    ...describeState(request, due, format),
    removed: describeRemoved(request),
    pinterest: describePinterest(request),
    answer: request.hasAnswer
      ? {
          label: formatMessage(texts.downloadLabel, { day: format.moment(receivedAt).text }),
          fileName: formatMessage(texts.fileName, { id: String(id) }),
        }
      : null,
  };
}

function describeState(
  { state, receivedAt, doneAt }: Request,
  due: Date,
  format: Formatter,
): Pick<RequestRow, "state" | "tone"> {
  if (state === "needless") return { state: texts.needless, tone: "none" };
  if (doneAt !== null) {
    return {
      state: formatMessage(texts.done, { day: format.day(format.dayOf(doneAt)) }),
      tone: "success",
    };
  }
  if (due <= format.now) return { state: texts.overdue, tone: "critical" };
  const isLate = format.now.getTime() - receivedAt.getTime() >= LATE_DAYS * DAY_MS;
  if (!isLate) return { state: texts.inProgress, tone: "none" };
  const days = Math.floor((due.getTime() - format.now.getTime()) / DAY_MS);
  return { state: formatMessage(texts.late, { days }), tone: "critical" };
}

function describeRemoved({ topic, state, waitsFor, removed }: Request): string {
  if (state === "needless") return texts.backAgain;
  if (state !== "done") {
    return waitsFor === "installed" ? texts.waitsForUninstall : texts.nothingYet;
  }
  const counts: unknown = removed ?? {};
  const parts = Object.entries(texts.removed).flatMap(([name, words]) => {
    const n = lookUp(counts as { [name: string]: number }, name) ?? 0;
    return n === 0 ? [] : [formatMessage(words, { n })];
  });
  if (parts.length === 0) return texts.nothingKept;
  const words = parts.join(", ");
  return topic === "customers/data_request" ? formatMessage(texts.answer, { found: words }) : words;
}

function describePinterest({ waitsFor, pinterest, pinterestRequest }: Request): string | null {
  if (waitsFor === "pinterest") return texts.pinterest.waits;
  if (pinterest === null) return null;
  return formatMessage(lookUp(texts.pinterest, pinterest) ?? pinterest, {
    request: pinterestRequest ?? "",
  });
}
