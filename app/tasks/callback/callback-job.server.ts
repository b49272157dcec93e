import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { JobKind } from "#app/platform/queue.server.ts";
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
  /** Of the message, the same for every try. */
  id: string;
  /** Domain of the shop whose secret signs it. */
  shop: string;
  queuedAtMs: number;
  /** How often the document was left for later because events in it were still open. */
  waits: number;
  /** Base64 of a `CallbackContent`, compressed and encrypted. */
  sealed: string;
}

/** The URL is a secret of its own: the path or query of a receiver's address often is its key. */
export interface CallbackContent {
  url: string;
  document: TaskDocument;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export async function sealContent(
  keyring: Keyring,
  id: string,
  content: CallbackContent,
): Promise<string> {
  const packed = await compress(JSON.stringify(content));
  return keyring.encrypt(packed, identityOf(id)).toString("base64");
}

/** Rejects with KeyringError when the key is gone or the bytes were altered. */
export async function openContent(
  keyring: Keyring,
  { id, sealed }: Pick<CallbackJob, "id" | "sealed">,
): Promise<CallbackContent> {
  const packed = keyring.decrypt(Buffer.from(sealed, "base64"), identityOf(id));
  return JSON.parse((await decompress(packed)).toString("utf8")) as CallbackContent;
}

function identityOf(id: string): string {
  return `callback:${id}`;
}
