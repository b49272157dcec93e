import { checkAlerts } from "#app/alerts/check-alerts.server.ts";
import type { MailServer } from "#app/platform/env/mail-env.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import type { TestDatabase } from "#test/support/database.ts";

export const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A clock that a test moves, and the check of alerts that goes by it. */
export function openAlerts(db: TestDatabase, mail: MailServer | null = null) {
  // The same place within a quarter of an hour in each run: the counters know no finer time.
  let nowMs = Math.floor(Date.now() / QUARTER_MS) * QUARTER_MS + 5 * MINUTE_MS;
  const log = createLogger("silent");
  return {
    now: () => new Date(nowMs),
    move(ms: number) {
      nowMs += ms;
    },
    ago: (ms: number) => new Date(nowMs - ms),
    check: (changes: { hasAppKey?: boolean } = {}) =>
      checkAlerts({ db, log, mail, nowMs: () => nowMs, ...changes }, null),
  };
}

interface Counted {
  at: Date;
  kind?: string;
  source?: string;
  state?: string;
  reason?: string;
  n: number;
}

/** Counts events as the outbox does; `n` is what the quarter of an hour has from now on. */
export async function setCount(
  { upkeep }: Pick<TestDatabase, "upkeep">,
  shopId: bigint,
  { at, kind = "checkout", source = "web", state = "accepted", reason = "", n }: Counted,
): Promise<void> {
  await upkeep.pool.query(
    `insert into count_bucket (shop_id, bucket, kind, source, state, reason, n)
      values ($1, date_bin('15 minutes', $2, timestamptz 'epoch'), $3, $4, $5, $6, $7)
      on conflict (shop_id, bucket, kind, source, state, reason) do update set n = excluded.n`,
    [shopId.toString(), at, kind, source, state, reason, n],
  );
}

/** A shop's alerts, the first first: which, and whether each lasts. */
export async function alertsOf(
  { pool }: Pick<TestDatabase, "pool">,
  shopId: bigint,
): Promise<[cause: string, state: "noticed" | "open" | "ended", facts: object][]> {
  const { rows } = await pool.query(
    `select cause, facts, case when ended_at is not null then 'ended' when begun_at is null then 'noticed'
        else 'open' end as state from alert where shop_id = $1 order by id`,
    [shopId.toString()],
  );
  return rows.map(({ cause, state, facts }) => [cause, state, facts]);
}

/** A time zone where it is this hour now. */
export function zoneOfHour(hour: number): string {
  const behind = new Date().getUTCHours() - hour;
  return `Etc/GMT${behind > 12 ? behind - 24 : behind < 0 ? behind : `+${behind}`}`;
}
