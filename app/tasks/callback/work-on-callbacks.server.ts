import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import {
  type EventIdentity,
  type EventStanding,
  identityKey,
  readStandings,
} from "#app/outbox/read-outcomes.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { readCallbackSecret } from "#app/shops/callback-secret.server.ts";
import { type FoundShop, findShop } from "#app/shops/find-shop.server.ts";
import { summariseResults } from "#app/tasks/send/send-sorted.server.ts";
import { toResultStatus } from "#app/tasks/shop/create-outbox-gateway.server.ts";
import type { SendDocument, TaskDocument, TaskResult } from "#app/tasks/task-document.server.ts";
import { attemptCallback, type CallbackServices } from "./attempt-callback.server.ts";
import { CALLBACK_JOB, type CallbackJob, decryptContent } from "./callback-job.server.ts";
import { createHostBreakers, type HostBreakers } from "./host-breakers.server.ts";

/** Has this process post what `queueCallback` stored, in whichever process. */
export function workOnCallbacks(
  services: Omit<CallbackJobServices, "breakers"> & { queue: Pick<Queue, "send" | "work"> },
): Promise<void> {
  const all = { ...services, breakers: createHostBreakers() };
  return services.queue.work<CallbackJob>(CALLBACK_JOB, (job, run) =>
    runCallbackJob(all, job, run),
  );
}

interface CallbackJobServices extends CallbackServices {
  db: Pick<Database, "pool" | "queryAsShop" | "transaction">;
  keyring: Keyring;
  log: Logger;
  queue: Pick<Queue, "send">;
  breakers: HostBreakers;
  nowMs: () => number;
}

/** A document goes with the outcomes it has by then. */
const LONGEST_WAIT_MS = 15 * 60_000;
const FIRST_WAIT_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 60;

/**
 * Posts a queued document. One with open events is put back until they have their outcome, or its
 * time is up. After the last failed try it is dropped, and recorded in the shop's audit log.
 */
export async function runCallbackJob(
  services: CallbackJobServices,
  job: CallbackJob,
  { isLast }: { isLast: boolean },
): Promise<"done" | "again"> {
  const { db, keyring, log } = services;
  const shop = await findShop({ db }, job.shop);
  if (shop === null) {
    log.info({ shop: job.shop, callback: job.id }, "callback dropped: the shop is gone");
    return "done";
  }
  const { url, document } = await decryptContent({ db, keyring }, job);
  const fresh = await bringUpToDate(services, shop, document);
  if (hasPending(fresh) && services.nowMs() - job.queuedAtMs < LONGEST_WAIT_MS) {
    await putBack(services, job);
    return "done";
  }
  const secret = await readCallbackSecret({ db, keyring }, job.shop);
  const message = { url, secret, id: job.id, body: JSON.stringify(fresh) };
  const outcome = await services.breakers.attempt(url, () => attemptCallback(services, message));
  const facts = { shop: job.shop, callback: job.id };
  if (outcome.ok) {
    log.info(facts, "callback posted");
    return "done";
  }
  const { why } = outcome;
  if (!outcome.isFinal && !isLast) {
    log.info({ ...facts, why }, "callback not taken: it is tried again");
    return "again";
  }
  log.warn({ ...facts, why }, "callback given up");
  await recordGivenUp(services, shop.id, { callback: job.id, host: new URL(url).host, why });
  return "done";
}

/** Returns only the host of the address: the rest may contain the receiver's key. */
async function recordGivenUp(
  { db }: CallbackJobServices,
  shopId: bigint,
  after: { callback: string; host: string; why: string },
): Promise<void> {
  const entry = { shopId, actor: "system", action: "callback.give_up", after };
  await db.transaction((client) => writeAuditEntry(client, entry));
}

async function bringUpToDate(
  services: CallbackJobServices,
  shop: FoundShop,
  document: TaskDocument,
): Promise<TaskDocument> {
  return "results" in document ? refreshPending(services, shop, document) : document;
}

function hasPending(document: TaskDocument): boolean {
  return "results" in document && document.results.some(({ status }) => status === "pending");
}

/** A separate job, so that waiting does not use up tries. */
async function putBack({ queue }: CallbackJobServices, job: CallbackJob): Promise<void> {
  const afterSeconds = Math.min(FIRST_WAIT_SECONDS * 2 ** job.waits, LONGEST_PAUSE_SECONDS);
  const next = { ...job, waits: job.waits + 1 };
  await queue.send(CALLBACK_JOB, next, { group: job.shop, afterSeconds });
}

interface RefreshServices {
  db: Pick<Database, "pool" | "queryAsShop">;
}

interface ShopPlace {
  id: bigint;
  lane: number;
}

/**
 * The document with the outcomes that its pending rows have in the outbox by now. What is still
 * open, or no longer there, stays as it is.
 */
async function refreshPending(
  services: RefreshServices,
  shop: ShopPlace,
  document: SendDocument,
): Promise<SendDocument> {
  const pending = document.results.filter(({ status }) => status === "pending");
  if (pending.length === 0) return document;
  const standings = await findStandings(services, shop, pending);
  const results = document.results.map((result) => refresh(result, standings));
  const { ok, summary } = summariseResults(results);
  return { ...document, ok: ok && document.error === undefined, summary, results };
}

function refresh(result: TaskResult, standings: Map<string, EventStanding>): TaskResult {
  const { status, event_name: kind, event_id: eventId } = result;
  if (status !== "pending" || kind === null || eventId === null) return result;
  const standing = standings.get(idKey(kind, eventId));
  if (standing === undefined) return result;
  const fresh = toResultStatus(standing);
  return fresh.status === "pending" ? result : { ...result, ...fresh };
}

/** The key is event name and event id, because a result has both. */
async function findStandings(
  services: RefreshServices,
  shop: ShopPlace,
  pending: readonly TaskResult[],
): Promise<Map<string, EventStanding>> {
  const rows = await services.db.queryAsShop<EventIdentity & { eventId: string }>(shop.id, {
    name: "identify-events",
    text: `select kind, source_key as "sourceKey", event_id as "eventId" from event
      where shop_id = $1 and event_id = any($2)`,
    values: [shop.id.toString(), pending.map((result) => result.event_id)],
  });
  const outcomes = await readStandings(services, shop, rows);
  return new Map(
    rows.flatMap((row) => {
      const standing = outcomes.get(identityKey(row));
      return standing === undefined ? [] : [[idKey(row.kind, row.eventId), standing] as const];
    }),
  );
}

function idKey(kind: string, eventId: string): string {
  return `${kind}\n${eventId}`;
}
