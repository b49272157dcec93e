import type { EmbedState } from "#app/admin/shell/app-bridge.ts";
import type { BrowserData } from "#app/admin/shell/describe-browser.server.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { findMissingScopes } from "#app/admin/shell/problems/browser-problems.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { CUSTOMER_BITS } from "#app/events/match-keys.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import { noticeText, type Problem } from "#app/events/notices/notice.ts";
import { NOTICES, type NoticeName } from "#app/events/notices/notices.ts";
import { type ClockSkew, measureClockSkew } from "#app/platform/check-database.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { fetchGrantedScopes } from "#app/shopify/scopes.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { CHECK_IDS, type CheckId, helpTexts } from "./texts.ts";

/** What one of the twelve checks found. */
export interface CheckRow {
  id: CheckId;
  /** `unknown`: there is no result, and `text` says why. */
  result: "ok" | "problem" | "unknown";
  /** The result; for a problem its title, as in the banner. */
  text: string;
  /** Cause and next step of a problem; null else. */
  detail: string | null;
  fix: { label: string; url: string } | null;
}

/** A problem as its check shows it: the same words as the banner's. */
function toCheckRow(id: CheckId, problem: Problem): CheckRow {
  const { action, title } = problem;
  const url = action !== null && "url" in action ? action.url : "/app";
  // Who reads this is there.
  const isHere = url === "/app/help";
  return {
    id,
    result: "problem",
    text: title,
    detail: noticeText(problem),
    fix: action === null || isHere ? null : { label: action.label, url },
  };
}

const { check: texts } = helpTexts;
const SILENT_MS = 24 * 60 * 60 * 1_000;

/** The problems of the catalogue that turn each check red. */
const PROBLEMS: Readonly<Record<CheckId, readonly NoticeName[]>> = {
  connection: ["connection_refused", "paused", "sign_in_ending", "plan_missing", "plan_overdue"],
  role: ["role_missing", "wrong_account"],
  limit: ["rate_limited", "trial_limit"],
  webhooks: ["webhooks_silent", "orders_dropped", "orders_unchecked", "shopify_access_ending"],
  pixel: ["pixel_missing", "pixel_silent"],
  embed: ["embed_off"],
  scopes: ["scopes_missing"],
  customerData: ["customer_data_missing"],
  productIds: ["product_ids_differ"],
  clock: [],
  queue: ["sending_late", "pinterest_down", "ran_out_of_time", "events_expiring"],
  quality: [
    "events_refused",
    "field_unknown",
    "currency_missing",
    "unmatched_share",
    "double_sender",
  ],
};

/**
 * The twelve checks, in order, by what is stored: a problem in the words of the banner, else what
 * shows that all is well, else why that can't be told. `embed` is told by the browser, and `scopes`
 * by Shopify (`askScopes`).
 */
export async function readChecks(
  { db }: { db: Pick<Database, "readAsShop" | "pool"> },
  { id: shopId }: { id: bigint },
  { problems, browser, format }: CheckContext,
): Promise<CheckRow[]> {
  const facts = await db.readAsShop(shopId, (tx) => readCheckFacts(tx, shopId, CUSTOMER_BITS));
  const skew = await measureClockSkew(db.pool);
  return CHECK_IDS.map((id) => {
    const problem = problems.find((known) =>
      PROBLEMS[id].some((name) => NOTICES[name].id === known.id),
    );
    return problem === undefined
      ? { id, ...tell(id, { facts, skew, browser, format }) }
      : toCheckRow(id, problem);
  });
}

interface CheckContext {
  problems: readonly Problem[];
  browser: BrowserData;
  format: Formatter;
}

type Told = Omit<CheckRow, "id">;

interface Known extends Pick<CheckContext, "browser" | "format"> {
  facts: CheckFacts;
  skew: ClockSkew;
}

function tell(id: CheckId, { facts, skew, browser, format }: Known): Told {
  switch (id) {
    case "connection":
    case "role":
    case "limit":
      return facts.adAccountId === null
        ? unknown(texts.notConnected, { label: texts.connect, url: "/app/settings/connection" })
        : tellOfConnection(id, facts, format);
    case "webhooks":
      return tellOfWebhooks(facts, format);
    case "pixel":
      return tellOfPixel(browser);
    case "embed":
      return unknown(inWords(browser.embed.states.unknown));
    case "scopes":
      return unknown(texts.scopesUnknown);
    case "customerData":
      return facts.withCustomer === 0
        ? unknown(texts.noPurchases)
        : ok(
            formatMessage(texts.customerData, {
              n: format.number(facts.withCustomer),
              all: format.number(facts.purchases),
            }),
          );
    case "productIds":
      return facts.idsConfirmedAt === null
        ? unknown(texts.idsUnknown, { label: texts.openSettings, url: "/app/settings" })
        : ok(formatMessage(texts.idsConfirmed, { date: formatDay(facts.idsConfirmedAt, format) }));
    case "clock":
      return tellOfClock(skew);
    case "queue":
      return facts.waiting === 0
        ? ok(texts.queueEmpty)
        : ok(formatMessage(texts.queue, { n: facts.waiting }));
    case "quality":
      return facts.scoredAt === null
        ? unknown(texts.noScore)
        : ok(formatMessage(texts.score, { date: formatDay(facts.scoredAt, format) }), {
            label: texts.openQuality,
            url: "/app/quality",
          });
  }
}

function tellOfConnection(
  id: "connection" | "role" | "limit",
  { adAccountId, acceptedAt, requests }: CheckFacts,
  format: Formatter,
): Told {
  if (id === "connection")
    return ok(formatMessage(texts.connected, { account: adAccountId ?? "" }));
  if (id === "limit") {
    return requests === 0
      ? unknown(texts.noRequests)
      : ok(formatMessage(texts.noLimit, { n: requests }));
  }
  return acceptedAt === null
    ? unknown(texts.neverAccepted, { label: texts.openConnection, url: "/app/settings/connection" })
    : ok(formatMessage(texts.accepted, { time: format.moment(acceptedAt).text }));
}

function tellOfPixel({ pixel }: BrowserData): Told {
  if (pixel.state === "ok") return ok(inWords(pixel));
  return unknown(
    inWords(pixel),
    pixel.turnOn === null ? null : { label: pixel.turnOn, url: "/app" },
  );
}

function inWords({ text, at }: BrowserData["embed"]["states"]["active"]): string {
  return at === null ? `${text}.` : `${text} ${at.text}.`;
}

/** The row of the theme embed, by what the browser finds; null while it asks. */
export function describeEmbedChecks({ embed }: BrowserData): Record<EmbedState, CheckRow | null> {
  const row = (state: EmbedState, result: "ok" | "unknown"): CheckRow => ({
    id: "embed",
    ...{ result, detail: null, fix: null },
    text: inWords(embed.states[state]),
  });
  return {
    asking: null,
    active: row("active", "ok"),
    off: toCheckRow("embed", embed.off),
    unavailable: row("unavailable", "unknown"),
    none: row("none", "unknown"),
    unknown: row("unknown", "unknown"),
  };
}

function tellOfWebhooks({ lastWebhookAt }: CheckFacts, format: Formatter): Told {
  if (lastWebhookAt === null) return unknown(texts.noWebhook);
  const time = format.moment(lastWebhookAt).text;
  const isSilent = format.now.getTime() - lastWebhookAt.getTime() > SILENT_MS;
  return isSilent
    ? unknown(formatMessage(texts.silentWebhook, { time }))
    : ok(formatMessage(texts.lastWebhook, { time }));
}

function tellOfClock({ ms, isTolerable }: ClockSkew): Told {
  const s = (Math.abs(ms) / 1_000).toFixed(1);
  if (isTolerable) return ok(formatMessage(texts.clock, { s }));
  return {
    result: "problem",
    text: formatMessage(texts.clockOff, { s }),
    detail: texts.clockFix,
    fix: null,
  };
}

function formatDay(date: Date, format: Formatter): string {
  return format.day(format.dayOf(date));
}

function ok(text: string, fix: CheckRow["fix"] = null): Told {
  return { result: "ok", text, detail: null, fix };
}

function unknown(text: string, fix: CheckRow["fix"] = null): Told {
  return { result: "unknown", text, detail: null, fix };
}

const ANSWER_WITHIN_MS = 5_000;

/** Checks the permissions that the merchant granted. No answer from Shopify is a result too. */
export async function askScopes(admin: ShopifyAdmin, needed: readonly string[]): Promise<CheckRow> {
  const { check } = helpTexts;
  const asked = await fetchGrantedScopes(admin, AbortSignal.timeout(ANSWER_WITHIN_MS));
  if (!asked.ok) {
    return { id: "scopes", result: "unknown", text: check.scopesUnknown, detail: null, fix: null };
  }
  const missing = findMissingScopes(asked.found, needed);
  if (missing.length === 0) {
    return { id: "scopes", result: "ok", text: check.scopes, detail: null, fix: null };
  }
  const notice = formatNotice("scopes_missing", { scopes: missing.join(", ") });
  const detail = noticeText(notice);
  return { id: "scopes", result: "problem", text: notice.title, detail, fix: null };
}

/** The facts behind the checks, besides the current problems. */
export interface CheckFacts {
  adAccountId: string | null;
  lastWebhookAt: Date | null;
  idsConfirmedAt: Date | null;
  acceptedAt: Date | null;
  /** Requests in 24 hours. */
  requests: number;
  waiting: number;
  /** Purchases in 7 days, and how many of them came with an email, a phone or a name. */
  purchases: number;
  withCustomer: number;
  scoredAt: Date | null;
}

interface Row {
  ad_account_id: string | null;
  last_webhook_at: Date | null;
  product_ids_confirmed_at: Date | null;
  accepted_at: Date | null;
  requests: bigint;
  waiting: bigint;
  purchases: bigint;
  with_customer: bigint;
  scored_at: Date | null;
}

/** How many of the latest purchases the share with customer details is measured on. */
const LATEST = 50;

/** `customerBits`: the match keys that only customer details give. Within a `readAsShop`. */
async function readCheckFacts(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  customerBits: number,
): Promise<CheckFacts> {
  const rows = await tx.$queryRaw<Row[]>`
    with latest as (select key_bits from event
        where shop_id = ${shopId} and kind = 'checkout' and source <> 'task'
          and event_time > extract(epoch from now() - interval '7 days')::bigint
          and (state <> 'skipped' or reason = 'no_match_key')
        order by event_time desc, id desc limit ${LATEST})
    select c.ad_account_id, s.last_webhook_at, s.product_ids_confirmed_at,
      (select a.started_at from attempt a where a.shop_id = ${shopId} and a.outcome = 'outcomes'
        order by a.id desc limit 1) as accepted_at,
      (select count(*) from attempt a where a.shop_id = ${shopId}
        and a.made_on >= current_date - 1 and a.started_at > now() - interval '24 hours') as requests,
      (select coalesce(sum(n), 0)::bigint from count_bucket where shop_id = ${shopId}
        and state in ('held', 'pending') and bucket > now() - interval '8 days') as waiting,
      (select count(*) from latest) as purchases,
      (select count(*) from latest where key_bits & ${customerBits}::integer <> 0) as with_customer,
      (select max(fetched_at) from quality_snapshot where shop_id = ${shopId}) as scored_at
    from shop s left join connection c on c.shop_id = s.id where s.id = ${shopId}`;
  const row = rows[0] as Row;
  return {
    adAccountId: row.ad_account_id,
    lastWebhookAt: row.last_webhook_at,
    idsConfirmedAt: row.product_ids_confirmed_at,
    acceptedAt: row.accepted_at,
    requests: Number(row.requests),
    waiting: Number(row.waiting),
    purchases: Number(row.purchases),
    withCustomer: Number(row.with_customer),
    scoredAt: row.scored_at,
  };
}
