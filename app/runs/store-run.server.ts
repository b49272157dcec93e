import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { JobKind, Queue } from "#app/platform/queue.server.ts";

/** Works on one run for a while, then hands it on to another job: a deploy must not wait for it. */
export const RUN_JOB: JobKind = {
  name: "work-on-run",
  retries: 3,
  retrySeconds: 5,
  expireSeconds: 120,
};

/** The same for a run that compares orders: it waits for Shopify, and no other run is to wait with it. */
export const ORDER_RUN_JOB: JobKind = { ...RUN_JOB, name: "work-on-order-run" };

export interface RunJob {
  /** Digits of the run's id: a queue's data is JSON, which knows no bigint. */
  runId: string;
  /** The shop of the run. */
  shopId: string;
}

/** A run of events, which are chosen when it begins. */
export type EventRunKind = "replay" | "send";
export type RunKind = EventRunKind | "reconcile";

/** The row to which an item's ciphertext is bound: a run holds items encrypted until they are sent. */
export function itemIdentity(runId: bigint, place: number): string {
  return `run_item:${runId}:${place}`;
}

/** The actor of what no person asked for. */
export const SYSTEM = "system";

export interface RunServices {
  db: Pick<Database, "pool" | "transaction">;
  queue: Pick<Queue, "send">;
}

/** The person who starts a run, and the shop. */
export interface RunOwner {
  shop: { id: bigint };
  /** The actor as in the audit log. */
  actor: string;
}

/** `choice`: the chosen filter, for the run's page; no personal data. */
type NewRun = {
  /** Made by the page when it asks: asked twice with the same one, there is one run. */
  token: string | null;
} & (
  | {
      kind: EventRunKind;
      choice: Record<string, unknown>;
      /** Writes the items and returns how many. With none there is no run. */
      insertItems: (client: PoolClient, runId: bigint) => Promise<number>;
    }
  /** It finds its items itself. */
  | {
      kind: "reconcile";
      choice: OrderChoice;
      insertItems: null;
      /** The same as in `OrderRunChoice`. */
      mayRunBeside: boolean;
    }
);

/** As it is stored; `since` is ISO. */
interface OrderChoice {
  since: string;
  by: "created" | "updated";
  dry: boolean;
}

/** What a comparison of orders that is under way was asked for. */
export interface RunningCheck {
  since: Date;
  isDry: boolean;
  /** It does at least what is asked for now. */
  isEnough: boolean;
}

export interface StoredRun {
  runId: bigint;
  /** The shop's comparison was under way: that is the run. */
  running: RunningCheck | null;
}

/** Stores a run and has the workers begin with it. Null when it would have no items. */
export async function storeRun(
  { db, queue }: RunServices,
  owner: RunOwner,
  run: NewRun,
): Promise<StoredRun | null> {
  const stored = await db.transaction((client) => insertRun(client, owner, run));
  if (stored === null) return null;
  await queueRun(queue, { runId: stored.runId, shopId: owner.shop.id, kind: run.kind });
  return stored;
}

export function queueRun(
  queue: Pick<Queue, "send">,
  { runId, shopId, kind }: { runId: bigint; shopId: bigint; kind: RunKind },
): Promise<void> {
  const job: RunJob = { runId: String(runId), shopId: String(shopId) };
  const jobKind = kind === "reconcile" ? ORDER_RUN_JOB : RUN_JOB;
  return queue.send(jobKind, job, { group: job.shopId });
}

async function insertRun(
  client: PoolClient,
  { shop, actor }: RunOwner,
  { token, ...run }: NewRun,
): Promise<StoredRun | null> {
  const { kind, choice, insertItems } = run;
  const known = token === null ? null : await findByToken(client, shop.id, token);
  if (known !== null) return { runId: known, running: null };
  const found = run.kind === "reconcile" ? await joinRunning(client, { shop, actor }, run) : null;
  if (found !== null) return found;
  const { rows } = await client.query<{ id: bigint }>(
    `insert into run (shop_id, kind, state, total, choice, actor)
      values ($1, $2, 'running', 0, $3, $4) returning id`,
    [shop.id, kind, JSON.stringify({ ...choice, ...(token !== null && { token }) }), actor],
  );
  const runId = (rows[0] as { id: bigint }).id;
  const total = insertItems === null ? null : await insertItems(client, runId);
  if (total === 0) {
    await client.query("delete from run where id = $1", [runId]);
    return null;
  }
  if (total !== null) await client.query("update run set total = $2 where id = $1", [runId, total]);
  const after = { run: String(runId), kind, ...(total !== null && { total }), ...choice };
  const entry = { shopId: shop.id, actor, action: "run.start", after };
  // There would be one a day; what a sweep finds has an entry.
  if (actor !== SYSTEM) await writeAuditEntry(client, entry);
  return { runId, running: null };
}

/** The lock makes the second of two clicks wait until the first one's run can be seen. */
async function findByToken(
  client: PoolClient,
  shopId: bigint,
  token: string,
): Promise<bigint | null> {
  await waitForTurn(client, `run ${token}`);
  const { rows } = await client.query<{ id: bigint }>(
    `select id from run where shop_id = $1 and choice->>'token' = $2
      and created_at > now() - interval '1 day' order by id desc limit 1`,
    [shopId, token],
  );
  return rows[0]?.id ?? null;
}

/**
 * A shop has one comparison at a time, and a dry one beside it where that is asked for. One that does
 * what a person asks for meanwhile is theirs, and stays though it finds nothing.
 */
async function joinRunning(
  client: PoolClient,
  { shop, actor }: RunOwner,
  { choice: { since, dry }, mayRunBeside }: { choice: OrderChoice; mayRunBeside: boolean },
): Promise<StoredRun | null> {
  await waitForTurn(client, `run reconcile of ${shop.id}`);
  const { rows } = await client.query<{ id: bigint; actor: string; since: string; dry: boolean }>(
    `select id, actor, choice->>'since' as since, coalesce((choice->>'dry')::boolean, false) as dry
      from run where shop_id = $1 and kind = 'reconcile' and state = 'running'
        and (not $2 or choice @> '{"dry":true}') order by dry for no key update`,
    [shop.id, mayRunBeside],
  );
  const enough = rows.find((one) => one.dry === dry && new Date(one.since) <= new Date(since));
  const run = enough ?? rows[0];
  if (run === undefined) return null;
  const running = { since: new Date(run.since), isDry: run.dry };
  const isEnough = enough !== undefined;
  if (isEnough && run.actor === SYSTEM) {
    await client.query("update run set actor = $2 where id = $1", [run.id, actor]);
  }
  return { runId: run.id, running: { ...running, isEnough } };
}

async function waitForTurn(client: PoolClient, name: string): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [name]);
}
