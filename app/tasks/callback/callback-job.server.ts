import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { JobKind, Queue } from "#app/platform/queue.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";

/** Tried over some hours. */
export const CALLBACK_JOB: JobKind = {
  name: "post-callback",
  retries: 8,
  retrySeconds: 60,
  expireSeconds: 120,
};

/** A document that is to be posted, as the queue stores it: nothing in it says who bought what. */
export interface CallbackJob {
  /** The id of the message, the same for every try. */
  id: string;
  /** Domain of the shop whose secret signs it. */
  shop: string;
  queuedAtMs: number;
  /** The number of times the document was postponed because of pending events. */
  waits: number;
  /** Base64 of a `CallbackContent`, compressed and encrypted. */
  sealed: string;
}

/** The URL is a secret of its own: the path or query of a receiver's address often is its key. */
interface CallbackContent {
  url: string;
  document: TaskDocument;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

async function sealContent(
  { db, keyring }: Pick<QueueCallbackServices, "db" | "keyring">,
  { id, shopId }: { id: string; shopId: bigint },
  content: CallbackContent,
): Promise<string> {
  const packed = await compress(JSON.stringify(content));
  return (await keyring.encrypt(db.pool, shopId, packed, buildIdentity(id))).toString("base64");
}

/** Rejects with KeyringError when the key is gone or the bytes were altered. */
export async function decryptContent(
  { db, keyring }: Pick<QueueCallbackServices, "db" | "keyring">,
  { id, sealed }: Pick<CallbackJob, "id" | "sealed">,
): Promise<CallbackContent> {
  const bytes = Buffer.from(sealed, "base64");
  const packed = await keyring.decrypt(db.pool, bytes, buildIdentity(id));
  return JSON.parse((await decompress(packed)).toString("utf8")) as CallbackContent;
}

function buildIdentity(id: string): string {
  return `callback:${id}`;
}

interface QueueCallbackServices {
  db: Pick<Database, "pool">;
  queue: Pick<Queue, "send">;
  keyring: Keyring;
  nowMs: () => number;
}

/**
 * Stores a task's document to be posted to `url`, which has been checked (checkCallbackUrl). A
 * worker posts it, signed by the shop. Rejects when the database cannot be reached.
 */
export async function queueCallback(
  services: QueueCallbackServices,
  {
    shop,
    url,
    document,
  }: { shop: { id: bigint; domain: string }; url: string; document: TaskDocument },
): Promise<void> {
  const id = `msg_${randomUUID().replaceAll("-", "")}`;
  const sealed = await sealContent(services, { id, shopId: shop.id }, { url, document });
  const job: CallbackJob = {
    id,
    shop: shop.domain,
    queuedAtMs: services.nowMs(),
    waits: 0,
    sealed,
  };
  await services.queue.send(CALLBACK_JOB, job, { group: shop.domain });
}

/** Results of one shop that wait to be posted: past that no more are taken on until some are gone. */
const MOST_WAITING = { jobs: 1_000, bytes: 64 * 1024 * 1024 };

/** Tells whether the shop may queue one more result. */
export async function hasRoomForCallback(
  { queue }: { queue: Pick<Queue, "measureWaiting"> },
  shop: { domain: string },
): Promise<boolean> {
  const { jobs, bytes } = await queue.measureWaiting(CALLBACK_JOB, shop.domain);
  return jobs < MOST_WAITING.jobs && bytes < MOST_WAITING.bytes;
}
