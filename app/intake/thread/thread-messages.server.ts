import type pg from "pg";
import type { Patience } from "#app/intake/commit-isolating-bad-rows.server.ts";
import type { StoredAs, VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import type { EncryptionKey } from "#app/platform/env/encryption-keys.server.ts";

/** The data that the thread is started with. */
export interface ThreadStart {
  target: pg.PoolConfig;
  keys: [EncryptionKey, ...EncryptionKey[]];
  logLevel: string;
}

/** A group of webhooks: their bodies one after the other in one buffer, which is transferred. */
export interface ThreadGroup {
  id: number;
  patience: Patience;
  bodies: ArrayBuffer;
  webhooks: { headers: VerifiedWebhook["headers"]; from: number; bytes: number }[];
}

/** `probe` asks whether the thread can write. */
export type ThreadRequest = ThreadGroup | "probe" | "close";

export interface ThreadProbe {
  takesWrites: boolean;
}

/** The buffer comes back for the next group. */
export type ThreadAnswer = { id: number; bodies: ArrayBuffer } & (
  | { results: StoredAs[] }
  | { failure: { code: string; message: string } }
);

/** `memory`: the buffer of an earlier group; used if the bodies fit. */
export function packGroup(
  { id, patience }: Pick<ThreadGroup, "id" | "patience">,
  webhooks: readonly VerifiedWebhook[],
  memory: ArrayBuffer | undefined,
): ThreadGroup {
  const size = webhooks.reduce((sum, { body }) => sum + body.length, 0);
  const bodies = memory !== undefined && memory.byteLength >= size ? memory : new ArrayBuffer(size);
  const bytes = new Uint8Array(bodies);
  let from = 0;
  const packed = webhooks.map(({ headers, body }) => {
    bytes.set(body, from);
    from += body.length;
    return { headers, from: from - body.length, bytes: body.length };
  });
  return { id, patience, bodies, webhooks: packed };
}

export function unpackGroup({ bodies, webhooks }: ThreadGroup): VerifiedWebhook[] {
  return webhooks.map(({ headers, from, bytes }) => ({
    headers,
    body: Buffer.from(bodies, from, bytes),
  }));
}
