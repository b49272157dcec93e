import type { Database } from "#app/platform/db.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import type { MessageServices } from "./alert-messages.server.ts";
import { addSummary } from "./change-alerts.server.ts";

type SummaryServices = Pick<MessageServices, "db" | "log" | "mail"> & { nowMs: () => number };

const CAUSE = "daily_summary";
/** In the shop's own time: a message at midnight is read by nobody. */
const FROM_HOUR = 8;
const DAY_MS = 86_400_000;

interface SummarisedShop {
  id: bigint;
  domain: string;
  time_zone: string | null;
}

/** Has the shops that want it told, once on each of their days, what became of the day before. */
export async function summariseDays(services: SummaryServices): Promise<void> {
  const { db, nowMs } = services;
  const now = new Date(nowMs());
  await workOnEach(services, {
    job: "check-alerts",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => listShops(db, now, { after, limit }),
    work: async ({ id, time_zone: timeZone }: SummarisedShop) => {
      const { hour, dayBegan } = readClock(now, timeZone ?? "UTC");
      if (hour < FROM_HOUR) return;
      const began = new Date(dayBegan.getTime() - DAY_MS);
      const facts = await readDay(db, id, began, dayBegan);
      const change = { shopId: id, cause: CAUSE, now };
      await addSummary(services, change, { dayBegan, facts, hasMail: services.mail !== null });
    },
  });
}

async function listShops(
  db: Pick<Database, "pool">,
  now: Date,
  { after, limit }: { after: bigint; limit: number },
): Promise<SummarisedShop[]> {
  const { rows } = await db.pool.query<SummarisedShop>(
    `select s.id, s.domain, s.time_zone from shop s where s.state = 'installed' and s.id > $1
      and s.settings->>'alert_daily' = 'on' and not exists (select from alert a
        where a.shop_id = s.id and a.cause = '${CAUSE}' and a.begun_at > $3::timestamptz - interval '12 hours')
      order by s.id limit $2`,
    [after.toString(), limit, now],
  );
  return rows;
}

/** To the quarter of an hour, as events are counted: all time zones are whole quarters apart. */
function readClock(now: Date, timeZone: string): { hour: number; dayBegan: Date } {
  const parts = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  }).formatToParts(now);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const hour = read("hour");
  const since = (hour * 60 + read("minute")) * 60_000 + (now.getTime() % 60_000);
  return { hour, dayBegan: new Date(now.getTime() - since) };
}

async function readDay(db: Pick<Database, "pool">, shopId: bigint, from: Date, until: Date) {
  const { rows } = await db.pool.query<
    Record<"all" | "n" | "refused" | "late" | "waiting" | "open", number>
  >(
    `select coalesce(sum(n), 0)::integer as all,
        coalesce(sum(n) filter (where state = 'accepted'), 0)::integer as n,
        coalesce(sum(n) filter (where state = 'rejected'), 0)::integer as refused,
        coalesce(sum(n) filter (where state = 'expired'), 0)::integer as late,
        coalesce(sum(n) filter (where state in ('held', 'pending')), 0)::integer as waiting,
        (select count(*)::integer from alert where shop_id = $1 and begun_at is not null
          and ended_at is null) as open
      from count_bucket where shop_id = $1 and bucket >= $2 and bucket < $3`,
    [shopId.toString(), from, until],
  );
  return { ...rows[0], since: from.toISOString() };
}
