import type { Formatter } from "#app/admin/format/formatter.server.ts";
import {
  type ProblemFacts,
  readProblemFacts,
} from "#app/admin/problems/read-problem-facts.server.ts";
import { chooseBanner, judgeProblems } from "#app/admin/problems/read-problems.server.ts";
import { SENDABLE_SECONDS } from "#app/events/event-window.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { homeTexts } from "#app/texts/home.ts";
import type { Guide, HomePage, HomePeriod } from "#app/texts/home-page.ts";
import { say } from "#app/texts/say.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { describeChart } from "./describe-chart.server.ts";
import { addUp, describeOrders } from "./describe-orders.server.ts";
import { listDays } from "./list-days.server.ts";
import { describeChecks } from "./read-checks.server.ts";
import { readDayCounts } from "./read-day-counts.server.ts";
import { readLatest } from "./read-latest.server.ts";
import { readOtherCounts } from "./read-other-counts.server.ts";
import { readProductIds } from "./read-product-ids.server.ts";
import { readTiming } from "./read-timing.server.ts";

export interface HomeServices {
  db: Pick<Database, "readAsShop">;
  keyring: Keyring;
  config: { SCOPES: readonly string[] };
}

type Tx = Prisma.TransactionClient;

/** The first page: is it working, and did every sale arrive? */
export async function readHome(
  services: HomeServices,
  shopId: bigint,
  period: HomePeriod,
  format: Formatter,
): Promise<HomePage> {
  const days = listDays(format, Number(period));
  const span = { start: days[0]?.start ?? format.now, end: days.at(-1)?.end ?? format.now };
  return services.db.readAsShop(shopId, async (tx) => {
    const problemFacts = await readProblemFacts(tx, shopId);
    const shop = await readShop(tx, shopId);
    const counts = await readDayCounts(tx, shopId, days, format.now);
    const problems = judgeProblems(problemFacts, services.config.SCOPES, format);
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
    };
    const checks = {
      ...problemFacts,
      lastWebhookAt: shop.last_webhook_at,
      missing: shop.waits_for_payment ? 0 : addUp(counts.days).missing,
      lastDay: { accepted: Number(shop.day_accepted), rejected: Number(shop.day_rejected) },
    };
    return {
      period,
      guide: await readGuide(tx, services.keyring, shopId, { shop, problemFacts }, format),
      kept: await readKept(tx, shopId, problemFacts, format),
      orders: describeOrders(orders, format),
      chart: describeChart(counts, period, format),
      banner,
      attention: {
        title:
          rows.length === 0
            ? homeTexts.attention.none
            : say(homeTexts.attention.title, { count: format.number(rows.length) }),
        problems: rows,
      },
      checks: describeChecks(checks, format),
      latest: await readLatest(tx, shopId, connection, format),
      sending: describeSending(connection),
    };
  });
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

interface ShopRow {
  last_webhook_at: Date | null;
  guide_hidden: boolean;
  ids_confirmed: boolean;
  product_id: string;
  waits_for_payment: boolean;
  has_events: boolean;
  has_accepted: boolean;
  has_passed: boolean;
  day_accepted: bigint;
  day_rejected: bigint;
}

async function readShop(tx: Tx, shopId: bigint): Promise<ShopRow> {
  const rows = await tx.$queryRaw<ShopRow[]>`
    select s.last_webhook_at, s.guide_hidden_at is not null as guide_hidden,
      s.product_ids_confirmed_at is not null as ids_confirmed,
      coalesce(s.settings ->> 'product_id', 'variant') as product_id,
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

async function readGuide(
  tx: Tx,
  keyring: Keyring,
  shopId: bigint,
  { shop, problemFacts }: { shop: ShopRow; problemFacts: ProblemFacts },
  format: Formatter,
): Promise<Guide | null> {
  if (shop.guide_hidden) return null;
  const { connection } = problemFacts;
  const { formats, template, noExample, example, format: formatText } = homeTexts.guide.ids;
  const known = (formats as Record<string, string>)[shop.product_id];
  const name = known ?? say(template, { template: shop.product_id });
  const ids = await readProductIds(tx, keyring, shopId);
  const { needsConnection, isPaused } = homeTexts.guide.event;
  const isEventDone = shop.has_accepted || shop.has_passed;
  const steps = [connection !== null, shop.ids_confirmed, isEventDone];
  return {
    progress: { done: steps.filter((isDone) => isDone).length, all: steps.length + 1 },
    isConnected: connection !== null,
    ids: {
      isDone: shop.ids_confirmed,
      format: say(formatText, { format: name }),
      example: ids.length === 0 ? noExample : say(example, { ids: ids.join(", ") }),
    },
    event: {
      isDone: isEventDone,
      blockedBy:
        connection === null ? needsConnection : connection.state === "active" ? null : isPaused,
    },
  };
}

/** What waits for a connection, and how long it can. */
async function readKept(
  tx: Tx,
  shopId: bigint,
  { connection, waiting }: ProblemFacts,
  format: Formatter,
): Promise<string | null> {
  if (connection !== null || waiting === 0) return null;
  const rows = await tx.$queryRaw<{ n: bigint; first_bucket: Date | null }[]>`
    select coalesce(sum(n), 0)::bigint as n, min(bucket) as first_bucket from count_bucket
    where shop_id = ${shopId} and kind = 'checkout' and state in ('held', 'pending') and n > 0`;
  const [row] = rows;
  const n = Number(row?.n ?? 0);
  if (n === 0 || !row?.first_bucket) return null;
  const endsAt = new Date(row.first_bucket.getTime() + SENDABLE_SECONDS * 1_000);
  const date = format.day(format.dayOf(endsAt));
  return say(homeTexts.kept, { n, count: format.number(n), date });
}
