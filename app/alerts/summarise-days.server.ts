import { createCalendar, knownZone } from "#app/platform/calendar.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import type { MessageServices } from "./alert-messages.server.ts";
import { SUMMARY_CAUSE } from "./causes.server.ts";
import { addSummary } from "./change-alerts.server.ts";

type SummaryServices = Pick<MessageServices, "db" | "log" | "mail"> & { nowMs: () => number };

/** The message goes at this hour of the shop's own time: nobody reads one at midnight. */
const FROM_HOUR = 8;

interface SummarisedShop {
  id: bigint;
  domain: string;
  time_zone: string | null;
  /** When it was told last. */
  told_at: Date | null;
}

/** Has the shops that want it told, once on each of their days, what became of the day before. */
export async function summariseDays(services: SummaryServices): Promise<void> {
  const { db, nowMs } = services;
  const now = new Date(nowMs());
  await workOnEach(services, {
    job: "check-alerts",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => listShops(db, { after, limit }),
    work: async ({ id, time_zone: timeZone, told_at: toldAt }: SummarisedShop) => {
      const { hour, dayBegan, dayBeforeBegan } = readClock(now, knownZone(timeZone ?? "UTC"));
      if (hour < FROM_HOUR || (toldAt !== null && toldAt >= dayBegan)) return;
      const facts = await readDay(db, id, dayBeforeBegan, dayBegan);
      const change = { shopId: id, cause: SUMMARY_CAUSE, now };
      await addSummary(services, change, { dayBegan, facts, hasMail: services.mail !== null });
    },
  });
}

async function listShops(
  db: Pick<Database, "pool">,
  { after, limit }: { after: bigint; limit: number },
): Promise<SummarisedShop[]> {
  // It ends as it begins, and an index has the ends.
  const { rows } = await db.pool.query<SummarisedShop>(
    `select s.id, s.domain, s.time_zone, (select a.ended_at from alert a
        where a.shop_id = s.id and a.cause = '${SUMMARY_CAUSE}' and a.ended_at is not null
        order by a.ended_at desc limit 1) as told_at
      from shop s where s.state = 'installed' and s.id > $1 and s.settings->>'alert_daily' = 'on'
      order by s.id limit $2`,
    [after.toString(), limit],
  );
  return rows;
}

/** The hour on the shop's clocks, and where its day and the one before begin: a day may have 23 or 25 hours. */
function readClock(now: Date, timeZone: string) {
  const { hourOf, dayOf, startOfDay } = createCalendar(timeZone);
  const dayBegan = startOfDay(dayOf(now));
  const dayBeforeBegan = startOfDay(dayOf(new Date(dayBegan.getTime() - 1)));
  return { hour: hourOf(now), dayBegan, dayBeforeBegan };
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
