import type { SkipReason } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type SeededEvent, seedEvents } from "#test/support/seed-events.ts";
import { createRandom, type Random } from "../sample-random.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Newer orders are really sent; Pinterest accepts nothing older. */
const FIRST_DAY = 7;
const LAST_DAY = 29;

const REASONS: readonly SkipReason[] = [
  "no_match_key",
  "consent_refused",
  "consent_unknown",
  "test_order",
  "cancelled",
  "zero_total",
  "source_off",
  "duplicate",
  "imported",
  "redacted",
  "too_old",
];
const KINDS = ["checkout", "checkout", "checkout", "initiate_checkout", "signup"] as const;

/** Three weeks of a shop before this one, as its records are now: without bodies. Returns its events. */
export async function fillHistory(
  db: Database,
  shop: { id: bigint; lane: number; adAccountId: string },
  nowMs: number,
): Promise<SeededEvent[]> {
  const random = createRandom(7);
  const events: SeededEvent[] = [];
  for (let day = FIRST_DAY; day <= LAST_DAY; day += 1) {
    const count = random.integer(6, 16);
    for (let index = 0; index < count; index += 1) {
      const at = new Date(nowMs - day * DAY_MS + Math.floor((index / count) * DAY_MS));
      events.push(pastEvent(random, events.length, at));
    }
  }
  await seedEvents(db, shop, events);
  return events;
}

function pastEvent(random: Random, index: number, at: Date): SeededEvent {
  const kind = random.pick(KINDS);
  const value = `${random.integer(8, 240)}.${String(random.integer(0, 99)).padStart(2, "0")}`;
  const common: SeededEvent = {
    kind,
    at,
    ...(kind === "checkout" && { value }),
    idSource: "order",
    source: index % 9 === 4 ? "pos" : "web",
    keyBits: random.pick([0b1_1111_0000_0001, 0b111_1111_1100_0011, 0b110_0000_0000_0000]),
  };
  if (index % 8 === 3) {
    const reason = REASONS[Math.floor(index / 8) % REASONS.length] ?? "test_order";
    return { ...common, state: "skipped", reason };
  }
  if (index % 61 === 20) {
    return { ...common, state: "rejected", reason: "currency is required when value is given" };
  }
  if (index % 97 === 30) return { ...common, state: "expired" };
  if (index % 23 === 11) return { ...common, warning: "The event source URL could not be read." };
  return common;
}
