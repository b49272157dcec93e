import { randomUUID } from "node:crypto";
import { afterAll } from "vitest";
import type { RowShop } from "#app/outbox/append/intake-row.server.ts";
import { claimAccounts, type Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import type { Attempt, Settlement } from "#app/outbox/drain/settlement.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  makeShop,
  purchase,
  skip,
  skipWaiting,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

interface Services {
  db: Database;
  keyring: Keyring;
}

/** Leases the account, as a worker does when it begins to send. */
export async function leaseAccount({ db }: Services): Promise<Lease> {
  await skipWaiting(db);
  const [lease] = await claimAccounts({ db }, 1);
  if (lease === undefined) throw new RangeError("no account is due");
  return lease;
}

const END = { unusedAllowance: 0, mayHaveMore: false, pauseMs: null, failures: null };

/** A database for a file of tests, and a shop in it with five orders that were sent. */
export async function openShopOfFiveOrders() {
  const db = await openTestDatabase();
  afterAll(() => db.close());
  const keyring = testKeyring();
  const shop = await makeShop({ db, keyring }, { adAccountId: uniqueAccount() });
  await sendFiveOrders({ db, keyring }, shop);
  return { db, keyring, shop };
}

/**
 * Orders 1 to 5 of the shop: accepted, accepted with a warning, refused, tried once and waiting,
 * and skipped.
 */
export async function sendFiveOrders(services: Services, shop: RowShop): Promise<void> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const orders = ["1", "2", "3", "4"].map((order, index) =>
    purchase(order, { eventTimeSeconds: nowSeconds - 600 + index }),
  );
  const skipped = purchase("5", { outcome: skip("test_order"), eventTimeSeconds: nowSeconds });
  await commitEvents(services, shop, [...orders, skipped]);
  const lease = await leaseAccount(services);
  const { due } = await readDueEvents(services, lease);
  const refs = new Map(
    due.map(({ payload, ref }) => [JSON.parse(payload).custom_data.order_id, ref]),
  );
  const refOf = (order: string): bigint => refs.get(order) ?? 0n;
  const warning = "external_id is not hashed";
  const settlement = (order: string, changes: Partial<Settlement>): Settlement => ({
    ref: refOf(order),
    state: "accepted",
    reason: null,
    warning: null,
    retryInMs: null,
    ...changes,
  });
  const lost: Attempt = {
    shopId: shop.id,
    startedAt: new Date("2026-11-24T10:00:00Z"),
    durationMs: 10_000,
    outcome: "unknown",
    httpStatus: null,
    pinterestCode: null,
    message: "no answer within 10 s",
    refs: [...refs.values()],
    answers: null,
  };
  await settleBatch(services, lease, { attempt: lost, settlements: [], release: null });
  const attempt: Attempt = {
    ...lost,
    startedAt: new Date("2026-11-24T10:00:20Z"),
    durationMs: 612,
    outcome: "outcomes",
    httpStatus: 200,
    message: null,
    answers: {
      [String(refOf("2"))]: { status: "processed", message: warning },
      [String(refOf("3"))]: { status: "failed", message: "currency is missing" },
      [String(refOf("4"))]: { status: "failed", message: "internal error" },
    },
  };
  const settlements = [
    settlement("1", {}),
    settlement("2", { warning }),
    settlement("3", { state: "rejected", reason: "currency is missing" }),
    settlement("4", { state: "pending", retryInMs: 3_600_000 }),
  ];
  await settleBatch(services, lease, { attempt, settlements, release: END });
}

export function uniqueAccount(): string {
  return `549${BigInt(`0x${randomUUID().slice(0, 8)}`)}`;
}
