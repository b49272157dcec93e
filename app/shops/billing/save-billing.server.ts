import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { BILLING_PAUSE, type BillingState, EVENTS_PER_CHARGE } from "#app/events/billing-state.ts";
import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { SeenSubscription } from "#app/shopify/billing.server.ts";
import { pauseIn } from "#app/shops/connection/pause-connection.server.ts";
import { type Billing, decideBilling, isOverdue, NO_BILLING } from "./decide-billing.server.ts";

export interface SavedBilling {
  billing: Billing;
  /** Sending stopped, or goes on with what waits. */
  effect: "paused" | "resumed" | null;
}

interface BillingRow {
  state: BillingState;
  subscription_id: string | null;
  usage_line_id: string | null;
  warned_at: Date | null;
  ends_at: Date | null;
}

/**
 * Notes what Shopify says of the shop's subscriptions, and pauses or resumes sending by it, in one
 * transaction. `seen` null: Shopify was not asked, only the time has gone on.
 */
export async function saveBilling(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  {
    shopId,
    seen,
    now,
    actor,
  }: {
    shopId: bigint;
    /** Newest first. */
    seen: readonly SeenSubscription[] | null;
    now: Date;
    actor: string;
  },
): Promise<SavedBilling> {
  const saved = await db.transaction(async (client): Promise<SavedBilling> => {
    // Otherwise two concurrent checks would both write the warning.
    await client.query("select from shop where id = $1 for no key update", [shopId]);
    const known = await readBilling(client, shopId);
    const billing =
      seen === null ? (known ?? NO_BILLING) : decideBilling(known ?? NO_BILLING, seen, now);
    if (seen !== null) await store(client, shopId, known, billing, now, actor);
    const effect = await applyToConnection(client, shopId, billing, now);
    return { billing, effect };
  });
  if (saved.effect === "resumed") await assignAccountToWaitingEvents({ db }, shopId);
  return saved;
}

async function readBilling(client: PoolClient, shopId: bigint): Promise<Billing | null> {
  const { rows } = await client.query<BillingRow>(
    `select state, subscription_id, usage_line_id, warned_at, ends_at
      from shop_billing where shop_id = $1`,
    [shopId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    state: row.state,
    subscriptionId: row.subscription_id,
    usageLineId: row.usage_line_id,
    warnedAt: row.warned_at,
    endsAt: row.ends_at,
  };
}

async function store(
  client: PoolClient,
  shopId: bigint,
  known: Billing | null,
  billing: Billing,
  now: Date,
  actor: string,
): Promise<void> {
  const { state, subscriptionId, usageLineId, warnedAt, endsAt } = billing;
  await client.query(
    `insert into shop_billing (shop_id, state, subscription_id, usage_line_id, warned_at, ends_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (shop_id) do update set state = excluded.state,
        subscription_id = excluded.subscription_id, usage_line_id = excluded.usage_line_id,
        warned_at = excluded.warned_at, ends_at = excluded.ends_at, updated_at = excluded.updated_at`,
    [shopId, state, subscriptionId, usageLineId, warnedAt, endsAt, now],
  );
  const isNew = known?.state !== state || known.subscriptionId !== subscriptionId;
  if (!isNew) return;
  if (state === "active") await startCounting(client, shopId, now);
  await writeAuditEntry(client, {
    shopId,
    actor,
    action: "billing.change",
    before: known === null ? null : { state: known.state },
    after: { state, ...(endsAt !== null && { sending_pauses_at: endsAt.toISOString() }) },
  });
}

/**
 * What was accepted before the plan is free, so a new plan begins with a thousand of its own: the
 * number of the next one follows from those that were charged.
 */
async function startCounting(client: PoolClient, shopId: bigint, now: Date): Promise<void> {
  await client.query(
    `update shop_billing set counted_from = $2, reported = $3 *
        coalesce((select max(thousand) + 1 from usage_charge where shop_id = $1), 0)
      where shop_id = $1`,
    [shopId, now, EVENTS_PER_CHARGE],
  );
}

/** A pause for another reason is the merchant's or Pinterest's, and stays. */
async function applyToConnection(
  client: PoolClient,
  shopId: bigint,
  billing: Billing,
  now: Date,
): Promise<SavedBilling["effect"]> {
  if (isOverdue(billing, now)) {
    return (await pauseIn(client, shopId, BILLING_PAUSE, "system")) ? "paused" : null;
  }
  return (await endBillingPause(client, shopId)) ? "resumed" : null;
}

/** Sends again for a shop that was paused for want of a plan. False: it was not. */
async function endBillingPause(client: PoolClient, shopId: bigint): Promise<boolean> {
  const resumed = await client.query(
    `update connection set state = 'active', pause_reason = null, paused_at = null,
        paused_by = null, updated_at = now()
      where shop_id = $1 and state = 'paused' and pause_reason = $2`,
    [shopId, BILLING_PAUSE],
  );
  if (resumed.rowCount === 0) return false;
  await writeAuditEntry(client, {
    shopId,
    actor: "system",
    action: "connection.resume",
    before: { state: "paused", reason: BILLING_PAUSE },
    after: { state: "active" },
  });
  return true;
}

/** Ends every warning and pause for want of a plan, when the operator asks for no money any more. */
export async function endAllBillingPauses({
  db,
}: {
  db: Pick<Database, "pool" | "transaction">;
}): Promise<void> {
  await db.pool.query("update shop_billing set warned_at = null, ends_at = null");
  const { rows } = await db.pool.query<{ shop_id: bigint }>(
    "select shop_id from connection where state = 'paused' and pause_reason = $1",
    [BILLING_PAUSE],
  );
  for (const { shop_id: shopId } of rows) {
    const hasResumed = await db.transaction((client) => endBillingPause(client, shopId));
    if (hasResumed) await assignAccountToWaitingEvents({ db }, shopId);
  }
}

export interface BillingShop {
  id: bigint;
  domain: string;
  /** Shopify was not asked for a day, or has said that something changed. */
  isDue: boolean;
}

/** The maximum age of Shopify's answer. */
const ASK_AGAIN_HOURS = 20;

/**
 * Installed shops, by id, about which Shopify is to be asked, or whose sending is to stop or go on
 * by what is known: nothing is done for all the others.
 */
export async function listBillingShops(
  { db }: { db: Pick<Database, "pool"> },
  now: Date,
  { after, limit }: { after: bigint; limit: number },
): Promise<BillingShop[]> {
  const { rows } = await db.pool.query<BillingShop>(
    `select * from (
        select s.id, s.domain,
          coalesce(b.updated_at < $1::timestamptz - interval '${ASK_AGAIN_HOURS} hours', true) as "isDue",
          coalesce(b.state <> 'active' and b.ends_at <= $1, false) as is_overdue,
          c.state as connection, c.pause_reason
        from shop s left join shop_billing b on b.shop_id = s.id
          left join connection c on c.shop_id = s.id
        where s.state = 'installed' and s.id > $2) known
      where "isDue" or (is_overdue and connection = 'active')
        or (not is_overdue and pause_reason = '${BILLING_PAUSE}')
      order by id limit $3`,
    [now, after, limit],
  );
  return rows;
}

/** Has Shopify asked with the next look, for a shop that it says has changed its subscription. */
export async function recordBillingChange(
  { db }: { db: Pick<Database, "pool"> },
  domain: string,
): Promise<void> {
  await db.pool.query(
    `update shop_billing set updated_at = 'epoch'
      where shop_id = (select id from shop where domain = $1)`,
    [domain],
  );
}
