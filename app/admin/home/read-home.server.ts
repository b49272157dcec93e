import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { chooseBanner, judgeProblems } from "#app/admin/shell/problems/judge-problems.server.ts";
import { readProblemFacts } from "#app/admin/shell/problems/read-problem-facts.server.ts";
import { describeStatus } from "#app/admin/shell/read-status.server.ts";
import type { Status } from "#app/admin/shell/status.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { describeChart } from "./describe-chart.server.ts";
import { addUp, describeOrders } from "./describe-orders.server.ts";
import { listDays } from "./list-days.server.ts";
import { describeChecks } from "./read-checks.server.ts";
import { readDayCounts } from "./read-day-counts.server.ts";
import { type GuideFacts, readGuide, readKept } from "./read-guide.server.ts";
import { readLatest } from "./read-latest.server.ts";
import { readOtherCounts } from "./read-other-counts.server.ts";
import { readTiming } from "./read-timing.server.ts";
import { homeTexts } from "./texts.ts";
import type { HomePage, HomePeriod } from "./view.ts";

export interface HomeServices {
  db: Pick<Database, "readAsShop">;
  keyring: Keyring;
  config: { SCOPES: readonly string[]; PINTEREST_API_URL: string };
}

type Tx = Prisma.TransactionClient;

/** The first page: is it working, and did every sale arrive? With the head that every page has. */
export async function readHome(
  services: HomeServices,
  shopId: bigint,
  period: HomePeriod,
  format: Formatter,
): Promise<{ status: Status; page: HomePage }> {
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
    const page: HomePage = {
      period,
      guide: await readGuide(tx, services.keyring, shopId, shop, problemFacts),
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
    const judged = { facts: problemFacts, problems };
    return { status: describeStatus(judged, services.config, format), page };
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
