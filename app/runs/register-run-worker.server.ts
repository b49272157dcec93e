import type { PoolClient } from "pg";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { commitGivenEventsIn } from "#app/outbox/append/commit-given-events.server.ts";
import { replayEventsIn } from "#app/outbox/replay-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import {
  type EventRunKind,
  itemIdentity,
  ORDER_RUN_JOB,
  queueRun,
  RUN_JOB,
  type RunJob,
  type RunKind,
} from "./store-run.server.ts";
import { type OrderRunServices, workOnOrderRun } from "./work-on-order-run.server.ts";

interface RunWorkerServices extends RunWorkServices {
  queue: Pick<Queue, "send" | "work" | "schedule">;
}

/** A job works so long; then it puts another one in the queue for the rest. */
const TURN_MS = 30_000;
/** SQL: how long after its start a run goes on. */
const TAKEN_UP_FOR = "interval '7 days'";

/**
 * Makes this process work on all runs. Once a minute it looks for runs without progress: a run whose
 * process was killed continues here.
 */
export async function registerRunWorker(services: RunWorkerServices): Promise<void> {
  const { db, queue, nowMs } = services;
  await queue.work<RunJob>(RUN_JOB, async (job) => {
    const run = { runId: BigInt(job.runId), shopId: BigInt(job.shopId), kind: "send" } as const;
    const outcome = await processRun(services, run.runId, nowMs() + TURN_MS);
    if (outcome === "more") await queueRun(queue, run);
    return "done";
  });
  await queue.schedule("take-up-runs", "* * * * *", async () => {
    await endOldOrderRuns(services);
    const { rows } = await db.pool.query<{ runId: bigint; shopId: bigint; kind: RunKind }>(
      `select id as "runId", shop_id as "shopId", kind from run where state in ('running', 'stopping')
        and created_at between now() - ${TAKEN_UP_FOR} and now() - interval '1 minute'`,
    );
    for (const run of rows) await queueRun(queue, run);
  });
}

/** One that is taken up no more would keep the shop from the next. */
export async function endOldOrderRuns({ db }: Pick<RunWorkerServices, "db">): Promise<void> {
  await db.pool.query(
    `update run set state = 'failed', finished_at = now(), lease = null, leased_until = null,
        progress = progress || '{"failure":"silent"}'
      where kind = 'reconcile' and state = 'running' and created_at < now() - ${TAKEN_UP_FOR}`,
  );
}

/** Makes this process work on the runs that compare orders. */
export async function registerOrderRunWorker(
  services: OrderRunServices & { queue: Pick<Queue, "send" | "work"> },
): Promise<void> {
  const { queue, nowMs } = services;
  await queue.work<RunJob>(ORDER_RUN_JOB, async (job) => {
    const run = {
      runId: BigInt(job.runId),
      shopId: BigInt(job.shopId),
      kind: "reconcile",
    } as const;
    const outcome = await workOnOrderRun(services, run.runId, nowMs() + TURN_MS);
    if (outcome === "more") await queueRun(queue, run);
    return "done";
  });
}

interface RunWorkServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  nowMs: () => number;
}

/** A transaction holds the ad account's row, and webhooks of the shop wait for it. */
const CHUNK = 1_000;
/** Items are read up to this size at once. A larger item is read alone. */
const CHUNK_BYTES = 4 * 1024 * 1024;

type Handler = (
  client: PoolClient,
  services: Pick<RunWorkServices, "keyring">,
  run: LockedRun,
  items: readonly WaitingItem[],
) => Promise<HandledItem[]>;

/** The handler of a run's items, by its kind. */
const HANDLERS: Record<EventRunKind, Handler> = { replay: replayItems, send: sendItems };

/**
 * Processes a run's items, a thousand in each transaction with the outbox's own rows: after a crash
 * each item is either processed or untouched. Between two thousands it checks whether
 * the run was stopped. `more`: the time was up; `busy`: another process works on it.
 */
export async function processRun(
  services: RunWorkServices,
  runId: bigint,
  untilMs: number,
): Promise<"done" | "more" | "busy"> {
  for (;;) {
    const outcome = await services.db.transaction((client) => workOnChunk(client, services, runId));
    if (outcome !== "more" || services.nowMs() >= untilMs) return outcome;
  }
}

async function workOnChunk(
  client: PoolClient,
  services: RunWorkServices,
  runId: bigint,
): Promise<"done" | "more" | "busy"> {
  const run = await lockRun(client, runId);
  if (run === null) return "busy";
  if (run.state !== "running") return "done";
  // The places are sorted first, and the payloads read afterwards: sorted together, all of the run's
  // payloads would be read.
  const { rows: items } = await client.query<WaitingItem>(
    `with sized as (select place, sum(octet_length(body)) over (order by place) as bytes, row_number() over (order by place) as n
        from (select place, body from run_item where run_id = $1 and state = 'waiting'
          order by place limit ${CHUNK}) i)
      select i.place, i.event_id as "eventId", i.event_name as "eventName", i.body
      from run_item i join sized s using (place)
      where i.run_id = $1 and (s.n = 1 or s.bytes is null or s.bytes <= ${CHUNK_BYTES}) order by i.place`,
    [runId],
  );
  if (items.length > 0) {
    const handled = await HANDLERS[run.kind](client, services, run, items);
    await markItemsHandled(client, runId, handled);
    return "more";
  }
  await client.query("update run set state = 'done', finished_at = now() where id = $1", [runId]);
  return "done";
}

/** Returns null also if the run is gone. */
async function lockRun(client: PoolClient, runId: bigint): Promise<LockedRun | null> {
  const { rows } = await client.query<LockedRun>(
    `select r.id, r.kind, r.state, r.actor, r.shop_id as "shopId", s.domain, s.lane
      from run r join shop s on s.id = r.shop_id
      where r.id = $1 and r.kind <> 'reconcile' for no key update of r skip locked`,
    [runId],
  );
  return rows[0] ?? null;
}

async function markItemsHandled(
  client: PoolClient,
  runId: bigint,
  handled: readonly HandledItem[],
): Promise<void> {
  await client.query(
    `update run_item i set state = r.state, why = r.why, event_id = r.event_id, body = null
      from json_to_recordset($2) as r(place integer, state text, why text, event_id text)
      where i.run_id = $1 and i.place = r.place`,
    [runId, JSON.stringify(handled.map(runItem))],
  );
}

/** A run as the worker holds it. */
interface LockedRun {
  id: bigint;
  kind: EventRunKind;
  state: string;
  actor: string;
  shopId: bigint;
  domain: string;
  lane: number;
}

/** An item that the outbox does not have yet. */
interface WaitingItem {
  place: number;
  eventId: string | null;
  eventName: string | null;
  /** The encrypted mapped event, of a run that sends. */
  body: Buffer | null;
}

/** The outcome of an item: it is in the outbox under this id, or skipped with a reason. */
type HandledItem = { place: number; eventId: string | null } & (
  | { state: "queued" }
  | { state: "left"; why: string }
);

/** The item as its row of `run_item`. */
function runItem(item: HandledItem) {
  const { place, eventId, state } = item;
  return { place, event_id: eventId, state, why: state === "left" ? item.why : null };
}

/** Puts the items' events back in line, within the transaction of `client`. */
async function replayItems(
  client: PoolClient,
  { keyring }: { keyring: Keyring },
  { shopId, actor }: LockedRun,
  items: readonly WaitingItem[],
): Promise<HandledItem[]> {
  const events = items.map(({ eventId, eventName }) => ({
    eventId: eventId ?? "",
    eventName: eventName ?? "",
  }));
  const { left } = await replayEventsIn({ client, keyring }, { shopId, events }, actor);
  const reasons = new Map(left.map((event) => [`${event.event_name}\n${event.event_id}`, event]));
  return items.map(({ place, eventId, eventName }) => {
    const leftOut = reasons.get(`${eventName}\n${eventId}`);
    return leftOut === undefined
      ? { place, eventId, state: "queued" }
      : { place, eventId, state: "left", why: leftOut.why };
  });
}

/** Why an item is left out: codes, which the run's page puts into words. */
export type ItemLeft = "shop_gone" | "content_locked";

/** Gives the items' events to the outbox, within the transaction of `client`. */
async function sendItems(
  client: PoolClient,
  { keyring }: { keyring: Keyring },
  run: LockedRun,
  items: readonly WaitingItem[],
): Promise<HandledItem[]> {
  const shop = await loadMappingShop(client, run.domain);
  if (shop === undefined) return items.map((item) => leave(item, "shop_gone"));
  const keys = await keyring.load(client, listOwners(items.map(({ body }) => body)));
  const opened = items.map((item) => ({ item, mapped: decryptItem(keys, run.id, item) }));
  const given = opened.flatMap(({ mapped }) => (mapped === null ? [] : [mapped]));
  const stored = await commitGivenEventsIn({ client, keyring }, { shop, actor: run.actor }, given);
  const ids = await readEventIds(
    client,
    run,
    stored.map(({ mapped }) => mapped),
  );
  let next = 0;
  return opened.map(({ item, mapped }) => {
    if (mapped === null) return leave(item, "content_locked");
    const eventId = ids[next] ?? item.eventId;
    next += 1;
    return { place: item.place, eventId, state: "queued" };
  });
}

function leave({ place, eventId }: WaitingItem, why: ItemLeft): HandledItem {
  return { place, eventId, state: "left", why };
}

function decryptItem(
  keys: Decrypter,
  runId: bigint,
  { place, body }: WaitingItem,
): MappedEvent | null {
  if (body === null) return null;
  try {
    const text = keys.decrypt(body, itemIdentity(runId, place)).toString("utf8");
    return JSON.parse(text) as MappedEvent;
  } catch (error) {
    if (error instanceof KeyringError) return null;
    throw error;
  }
}

/** The ids under which the shop has the events: one that it had before keeps its own. */
async function readEventIds(
  client: PoolClient,
  { lane, shopId }: LockedRun,
  stored: readonly MappedEvent[],
): Promise<(string | undefined)[]> {
  const wanted = stored.map(({ kind, sourceKey }) => ({ kind, source_key: sourceKey }));
  const { rows } = await client.query<{ kind: string; source_key: string; event_id: string }>(
    `select e.kind, e.source_key, e.event_id
      from json_to_recordset($3) as r(kind text, source_key text)
      join event e on e.lane = $1 and e.shop_id = $2 and e.kind = r.kind and e.source_key = r.source_key`,
    [lane, shopId, JSON.stringify(wanted)],
  );
  const ids = new Map(rows.map((row) => [`${row.kind}\n${row.source_key}`, row.event_id]));
  return stored.map(({ kind, sourceKey }) => ids.get(`${kind}\n${sourceKey}`));
}
