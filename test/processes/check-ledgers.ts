import { expect } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import type { LocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { miscounts } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import type { Order } from "./ledger-client.ts";
import type { SandboxShop } from "./sandbox-app.ts";

/** A killed worker's lease runs for 30 s, and a batch that failed waits for minutes at worst. */
const DRAINED_DEADLINE_MS = 240_000;

/** Resolves when no event waits any more. */
export async function untilDrained(db: Database): Promise<void> {
  const isDrained = async () => {
    const { rows } = await db.pool.query(
      "select state, count(*)::integer as n from event where state in ('held', 'pending') group by 1",
    );
    if (rows.length > 0) throw new Error(`still waiting: ${JSON.stringify(rows)}`);
    return true;
  };
  await eventually(isDrained, { deadlineMs: DRAINED_DEADLINE_MS });
}

/**
 * Compares the three ledgers: what the app acknowledged to Shopify, what stands in its tables, and
 * what Pinterest has. `hidden` is how many answers of Pinterest the test has hidden from the app:
 * an event may be repeated once for each.
 */
export async function checkLedgers(
  db: Database,
  pinterest: LocalPinterest,
  shops: readonly SandboxShop[],
  client: { acknowledged: readonly Order[]; hidden: number },
): Promise<void> {
  const { ledger } = pinterest;
  for (const shop of shops) {
    const ids = client.acknowledged.filter((order) => order.shop === shop.domain).map(eventIdOf);
    const { rows } = await db.pool.query<{ event_id: string; state: string }>(
      "select event_id, state from event where shop_id = $1",
      [shop.id.toString()],
    );
    const stored = rows.map((row) => row.event_id);
    const taken = ledger.accepted.filter(({ adAccountId }) => adAccountId === shop.adAccountId);
    expect(missing(ids, stored), "acknowledged, but not stored").toEqual([]);
    expect(missing(stored, ids), "stored, but never acknowledged").toEqual([]);
    expect(rows.filter(({ state }) => state !== "accepted")).toEqual([]);
    expect(taken.map(({ eventId }) => eventId).sort()).toEqual(ids.sort());
  }
  expect(ledger.acceptedCount).toBe(client.acknowledged.length);
  expect(ledger.violations).toEqual([]);
  const mostRepeats = Math.max(...ledger.accepted.map(({ count }) => count - 1));
  expect(mostRepeats).toBeLessThanOrEqual(client.hidden);
  expect(await miscounts(db)).toEqual([]);
}

function eventIdOf({ id }: Order): string {
  return `order-${id}-checkout`;
}

function missing(wanted: readonly string[], found: readonly string[]): string[] {
  const known = new Set(found);
  return wanted.filter((id) => !known.has(id));
}
