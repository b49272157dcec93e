import type pg from "pg";
import type { Patience } from "#app/intake/commit-isolating-bad-rows.server.ts";
import type { EncryptionKey } from "#app/platform/env/secrets.server.ts";

/** The data that a thread is started with. */
export interface ThreadStart {
  target: pg.PoolConfig;
  keys: [EncryptionKey, ...EncryptionKey[]];
  logLevel: string;
}

/** What a thread stores: a body, and what is known of it. */
export interface Stored {
  body: Buffer;
}

/** A group of items: their bodies one after the other in one buffer, which is transferred. */
export interface ThreadGroup<Item extends Stored> {
  id: number;
  patience: Patience;
  bodies: ArrayBuffer;
  items: { facts: Omit<Item, "body">; from: number; bytes: number }[];
}

/** `probe` asks whether the thread can write. */
export type ThreadRequest<Item extends Stored> = ThreadGroup<Item> | "probe" | "close";

export interface ThreadProbe {
  takesWrites: boolean;
}

/** The buffer comes back for the next group. */
export type ThreadAnswer<Result> = { id: number; bodies: ArrayBuffer } & (
  | { results: Result[] }
  | { failure: { code: string; message: string } }
);

/** `memory`: the buffer of an earlier group; used if the bodies fit. */
export function packGroup<Item extends Stored>(
  { id, patience }: Pick<ThreadGroup<Item>, "id" | "patience">,
  items: readonly Item[],
  memory: ArrayBuffer | undefined,
): ThreadGroup<Item> {
  const size = items.reduce((sum, { body }) => sum + body.length, 0);
  const bodies = memory !== undefined && memory.byteLength >= size ? memory : new ArrayBuffer(size);
  const bytes = new Uint8Array(bodies);
  let from = 0;
  const packed = items.map(({ body, ...facts }) => {
    bytes.set(body, from);
    from += body.length;
    return { facts, from: from - body.length, bytes: body.length };
  });
  return { id, patience, bodies, items: packed };
}

export function unpackGroup<Item extends Stored>({ bodies, items }: ThreadGroup<Item>): Item[] {
  return items.map(
    ({ facts, from, bytes }) => ({ ...facts, body: Buffer.from(bodies, from, bytes) }) as Item,
  );
}
