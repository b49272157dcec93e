import { type PageCursor, readEventPage } from "#app/admin/events/read-event-page.server.ts";
import { PAGE_ROWS } from "#app/admin/events/read-event-rows.server.ts";
import { parseEventFilter } from "#app/admin/shell/event-filter.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { computeLane } from "#app/events/lane.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { seedManyEvents } from "#test/support/seed-many-events.ts";
import type { Installation } from "../installation.ts";
import { median, round } from "../quantile.ts";
import type { Sizes } from "../sizes.ts";

/** How long the list of events takes to read a page: medians, in milliseconds. */
export interface EventList {
  events: number;
  pages: { name: string; ms: number }[];
}

const READS = 15;
const AD_ACCOUNT = "549700000001";

/** The choices that a merchant makes, as the list's address names them. */
const CHOICES = [
  { name: "first page", query: "" },
  { name: "first page of 90 days", query: "days=90" },
  { name: "last page of 90 days, by its cursor", query: "days=90", isLast: true },
  { name: "needs action, 90 days", query: "days=90&tab=action" },
  { name: "not sent, 90 days", query: "days=90&tab=not-sent" },
  { name: "waiting", query: "tab=waiting" },
  { name: "one order, by its number", query: "q=%231042" },
] as const;

export async function measureEventList(
  { db, shops, clear }: Installation,
  { events }: Sizes["eventList"],
): Promise<EventList> {
  await clear();
  const shop = await findShop({ db }, shops[0] ?? "");
  if (shop === null) throw new Error("the bench has no shop");
  const seeded = { id: shop.id, lane: computeLane(shop.domain), adAccountId: AD_ACCOUNT };
  await seedManyEvents(db, seeded, events);
  const days = createFormatter({ locale: "en-US", timeZone: "America/New_York", now: new Date() });
  const pages: EventList["pages"] = [];
  for (const choice of CHOICES) {
    const filter = parseEventFilter(new URLSearchParams(choice.query));
    const cursor = "isLast" in choice ? await lastPage(db, shop.id, events) : null;
    const read = () => readEventPage({ db }, shop, filter, { days, cursor });
    const times: number[] = [];
    for (let turn = 0; turn < READS; turn += 1) {
      const startedAt = performance.now();
      await read();
      times.push(performance.now() - startedAt);
    }
    pages.push({ name: choice.name, ms: round(median(times), 1) });
  }
  await clear();
  return { events, pages };
}

/** The place after which the oldest 50 events follow. */
async function lastPage(
  db: Installation["db"],
  shopId: bigint,
  events: number,
): Promise<PageCursor> {
  const { rows } = await db.pool.query<{ event_time: bigint; id: bigint }>(
    `select event_time, id from event where shop_id = $1
      order by event_time, id offset $2 limit 1`,
    [shopId.toString(), PAGE_ROWS],
  );
  const { event_time: eventTime = 0n, id = 0n } = rows[0] ?? {};
  return { to: "next", eventTime, id, offset: events - PAGE_ROWS };
}
