import { type BrowserData, describeBrowser } from "#app/admin/shell/describe-browser.server.ts";
import {
  describeKind,
  describeState,
  type StateBadge,
} from "#app/admin/shell/describe-state.server.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { chooseBanner, listProblems } from "#app/admin/shell/problems/list-problems.server.ts";
import { readProblemFacts } from "#app/admin/shell/problems/read-problem-facts.server.ts";
import { describeStatus, type Status } from "#app/admin/shell/read-status.server.ts";
import type { EventState } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { Problem } from "#app/events/notices/notice.ts";
import { SETTINGS } from "#app/events/settings-table.ts";
import { isBeingSentSql, LEASES_SQL } from "#app/outbox/event-conditions.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { ShopDay } from "#app/shopify/order-counts.server.ts";
import { Prisma } from "#prisma/client/client.ts";
import { type Chart, describeChart } from "./describe-chart.server.ts";
import { type Check, describeChecks } from "./describe-checks.server.ts";
import { addUp, describeOrders, type Orders } from "./describe-orders.server.ts";
import { type Guide, type GuideFacts, readGuide, readKept } from "./read-guide.server.ts";
import { readDayCounts, readOtherCounts, readTiming } from "./read-numbers.server.ts";
import { type HomePeriod, homeTexts } from "./texts.ts";

/** The first page in words, ready to be shown. */
export interface HomePage {
  period: HomePeriod;
  guide: Guide | null;
  browser: BrowserData;
  /** How many orders wait for a connection; null where there is one, or none waits. */
  kept: string | null;
  orders: Orders;
  chart: Chart;
  banner: Problem | null;
  attention: {
    /** The titles for as many as there are, and for one more, which the browser may find. */
    titles: [known: string, oneMore: string];
    problems: Problem[];
  };
  checks: Check[];
  latest: LatestEvent[];
  /** What can be asked of the connection. */
  sending: "pause" | "resume" | null;
}

export interface LatestEvent {
  url: string;
  at: Moment;
  kind: string;
  order: string;
  value: string;
  badge: StateBadge;
}

export interface HomeServices {
  db: Pick<Database, "pool" | "readAsShop">;
  keyring: Keyring;
  config: { SCOPES: readonly string[]; PINTEREST_API_URL: string; SHOPIFY_API_KEY: string };
}

type Tx = Prisma.TransactionClient;

/** The first page: is it working, and did every sale arrive? With the head that every page has. */
export async function readHome(
  services: HomeServices,
  { id: shopId, domain }: { id: bigint; domain: string },
  period: HomePeriod,
  format: Formatter,
): Promise<{ status: Status; page: HomePage }> {
  const days = listDays(format, Number(period));
  const span = { start: days[0]?.start ?? format.now, end: days.at(-1)?.end ?? format.now };
  const keys = await services.keyring.load(services.db.pool, [shopId]);
  return services.db.readAsShop(shopId, async (tx) => {
    const problemFacts = await readProblemFacts(tx, shopId);
    const shop = await readShop(tx, shopId);
    const counts = await readDayCounts(tx, shopId, days, format.now);
    const problems = listProblems(problemFacts, services.config.SCOPES, format);
    const banner = chooseBanner(problems);
    const rows = problems.filter((problem) => problem !== banner);
    const connection = problemFacts.connection ?? { state: "none" as const, pauseReason: null };
    const orders = {
      period,
      counts,
      others: await readOtherCounts(tx, shopId, span),
      timing: await readTiming(tx, shopId, span),
      waitsForPayment: shop.waits_for_payment,
      hasEvents: shop.has_events,
      sweep: await tx.orderSweep.findUnique({ where: { shopId } }),
    };
    const { SHOPIFY_API_KEY: apiKey } = services.config;
    const browser = describeBrowser(problemFacts.browser, { domain, apiKey }, format);
    const checks = {
      ...problemFacts,
      browser,
      lastWebhookAt: shop.last_webhook_at,
      missing: shop.waits_for_payment ? 0 : addUp(counts.days).missing,
      lastDay: { accepted: Number(shop.day_accepted), rejected: Number(shop.day_rejected) },
    };
    const page: HomePage = {
      period,
      guide: await readGuide(tx, keys, shopId, shop, problemFacts),
      browser,
      kept: await readKept(tx, shopId, problemFacts, format),
      orders: describeOrders(orders, format),
      chart: describeChart(counts, period, format),
      banner,
      attention: {
        titles: [nameAttention(rows.length, format), nameAttention(rows.length + 1, format)],
        problems: rows,
      },
      checks: describeChecks(checks, format),
      latest: await readLatest(tx, shopId, connection, format),
      sending: describeSending(connection),
    };
    const known = { facts: problemFacts, problems };
    return { status: describeStatus(known, services.config, format), page };
  });
}

function nameAttention(n: number, format: Formatter): string {
  const { none, title } = homeTexts.attention;
  return n === 0 ? none : formatMessage(title, { count: format.number(n) });
}

function describeSending({
  state,
  pauseReason,
}: {
  state: string;
  pauseReason: string | null;
}): HomePage["sending"] {
  if (state === "active") return "pause";
  return state === "paused" && pauseReason === "merchant" ? "resume" : null;
}

interface ShopRow extends GuideFacts {
  last_webhook_at: Date | null;
  waits_for_payment: boolean;
  has_events: boolean;
  day_accepted: bigint;
  day_rejected: bigint;
}

async function readShop(tx: Tx, shopId: bigint): Promise<ShopRow> {
  const rows = await tx.$queryRaw<ShopRow[]>`
    select s.last_webhook_at, s.guide_hidden_at is not null as guide_hidden,
      s.product_ids_confirmed_at is not null as ids_confirmed,
      coalesce(s.settings ->> 'product_id', ${SETTINGS.product_id.default}) as product_id,
      coalesce(s.settings ->> 'purchase_trigger', '') = 'order_paid' as waits_for_payment,
      exists (select from count_bucket where shop_id = s.id and n > 0) as has_events,
      exists (select from count_bucket where shop_id = s.id and n > 0 and state = 'accepted')
        as has_accepted,
      coalesce((select test_result = 'passed' from connection where shop_id = s.id), false) as has_passed,
      day.accepted as day_accepted, day.rejected as day_rejected
    from shop s, lateral (
      select coalesce(sum(n) filter (where state = 'accepted'), 0)::bigint as accepted,
        coalesce(sum(n) filter (where state = 'rejected'), 0)::bigint as rejected
      from count_bucket where shop_id = s.id and bucket > now() - interval '1 day') day
    where s.id = ${shopId}`;
  return rows[0] as ShopRow;
}

interface Row {
  event_id: string;
  kind: string;
  source: string;
  order_name: string | null;
  state: EventState;
  reason: string | null;
  warning: string | null;
  attempts: number;
  next_at: Date;
  event_time: bigint;
  value: string | null;
  currency: string | null;
}

interface ConnectionState {
  state: "none" | "active" | "paused";
  pauseReason: string | null;
}

/** The five events that happened last. Within a `readAsShop`. */
async function readLatest(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  connection: ConnectionState,
  format: Formatter,
): Promise<LatestEvent[]> {
  const rows = await tx.$queryRaw<Row[]>`
    with ${Prisma.raw(LEASES_SQL)}
    select e.event_id, e.kind, e.source, e.order_name, e.reason, e.warning, e.attempts, e.next_at,
      e.event_time, e.value, e.currency,
      case when ${Prisma.raw(isBeingSentSql())} then 'sending' else e.state end as state
    from event e left join lease on lease.ad_account_id = e.ad_account_id where e.shop_id = ${shopId}
    order by e.event_time desc, e.id desc limit 5`;
  return rows.map((row) => ({
    // One id may be that of events of several kinds.
    url: `/app/events/${encodeURIComponent(row.event_id)}?${new URLSearchParams({ name: row.kind })}`,
    at: format.moment(new Date(Number(row.event_time) * 1_000)),
    kind: describeKind(row.kind),
    order: row.order_name ?? "",
    value: row.value === null || row.currency === null ? "" : format.money(row.value, row.currency),
    badge: describeState({ ...row, nextAt: row.next_at, connection }, format),
  }));
}

/** The shop's last days, today the last of them. */
export function listDays(
  { now, dayOf, startOfDay }: Pick<Formatter, "now" | "dayOf" | "startOfDay">,
  count: number,
): ShopDay[] {
  // The calendar's days are counted, not 24 hours each: some have 23 or 25.
  const today = Date.parse(`${dayOf(now)}T00:00:00Z`);
  const names = Array.from({ length: count + 1 }, (_, place) =>
    new Date(today + (place - count + 1) * 24 * 60 * 60 * 1_000).toISOString().slice(0, 10),
  );
  return names.slice(0, count).map((day, place) => ({
    day,
    start: startOfDay(day),
    end: startOfDay(names.at(place + 1) ?? day),
  }));
}
