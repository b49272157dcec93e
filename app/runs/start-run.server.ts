import type { PoolClient } from "pg";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { HAS_FAILED_SQL } from "#app/outbox/event-conditions.server.ts";
import { cutBySize } from "#app/platform/bodies/cut-by-size.server.ts";
import type { DataKeys, Keyring } from "#app/platform/keyring.server.ts";
import {
  itemIdentity,
  type RunOwner,
  type RunServices,
  type StoredRun,
  storeRun,
} from "./store-run.server.ts";

/** An event that is to be sent; `place` is its row in the file, from 0. */
export interface SendRunRow {
  place: number;
  mapped: MappedEvent;
}

/** A row of the file that is not sent, and why, in words for a merchant without personal data. */
export interface SendRunLeft {
  place: number;
  eventName: string | null;
  why: string;
}

/** Rows in one statement: their payloads are in memory several times over meanwhile. */
const CHUNK = { items: 500, bytes: 2 * 1024 * 1024 };

/**
 * Starts to send events by hand through the outbox, a thousand at a time. They are kept encrypted
 * until the outbox has them. `token`: as in `NewRun`. Null when there is not one row.
 */
export async function startSendRun(
  services: RunServices & { keyring: Keyring },
  owner: RunOwner,
  rows: readonly SendRunRow[],
  left: readonly SendRunLeft[],
  fileName: string,
  { token = null }: { token?: string | null } = {},
): Promise<bigint | null> {
  const keys = await services.keyring.ensure(services.db.pool, [owner.shop.id]);
  const stored = await storeRun(services, owner, {
    kind: "send",
    choice: { file: fileName },
    token,
    async insertItems(client, runId) {
      const run = { client, runId, shopId: owner.shop.id };
      for (const chunk of cutBySize(rows, { ...CHUNK, countBytes })) {
        await insertRows(run, keys, chunk);
      }
      await insertLeft(run, left);
      return rows.length + left.length;
    },
  });
  return stored?.runId ?? null;
}

/** About: texts of other alphabets take more. */
function countBytes({ mapped }: SendRunRow): number {
  return JSON.stringify(mapped).length;
}

interface OpenRun {
  client: PoolClient;
  runId: bigint;
  shopId: bigint;
}

async function insertRows(
  { client, runId, shopId }: OpenRun,
  keys: DataKeys,
  rows: readonly SendRunRow[],
): Promise<void> {
  await client.query(
    `insert into run_item (run_id, shop_id, state, place, event_id, event_name, body)
      select $1, $2, 'waiting', place, event_id, event_name, body
      from unnest($3::integer[], $4::text[], $5::text[], $6::bytea[])
        as r(place, event_id, event_name, body)`,
    [
      runId,
      shopId,
      rows.map(({ place }) => place),
      rows.map(({ mapped }) => mapped.eventId),
      rows.map(({ mapped }) => mapped.kind),
      rows.map(({ place, mapped }) =>
        keys.encrypt(shopId, JSON.stringify(mapped), itemIdentity(runId, place)),
      ),
    ],
  );
}

async function insertLeft(
  { client, runId, shopId }: OpenRun,
  left: readonly SendRunLeft[],
): Promise<void> {
  if (left.length === 0) return;
  await client.query(
    `insert into run_item (run_id, shop_id, state, place, event_name, why)
      select $1, $2, 'left', place, event_name, why
      from unnest($3::integer[], $4::text[], $5::text[]) as r(place, event_name, why)`,
    [
      runId,
      shopId,
      left.map(({ place }) => place),
      left.map(({ eventName }) => eventName),
      left.map(({ why }) => why),
    ],
  );
}

/** Events that are to be sent again, as the merchant was shown them before. */
interface ReplayRunChoice {
  /** Row ids, in the order in which they are to go. */
  rows: readonly bigint[];
  /** The filter as a URL's query, or null where rows were ticked. */
  query: string | null;
  /** The number of chosen events that are skipped, by reason. */
  leftOut: Readonly<Record<string, number>>;
  /** The same as in `NewRun`. */
  token: string | null;
}

/**
 * Starts to send rejected and expired events of a shop again, under the ids they have. What
 * Pinterest has accepted never gets in, whatever `rows` says. Null when nothing is left.
 */
export async function startReplayRun(
  services: RunServices,
  owner: RunOwner,
  { rows, query, leftOut, token }: ReplayRunChoice,
): Promise<bigint | null> {
  const stored = await storeRun(services, owner, {
    kind: "replay",
    choice: { query, left_out: leftOut },
    token,
    async insertItems(client, runId) {
      const { rowCount } = await client.query(
        `insert into run_item (run_id, shop_id, state, place, event_id, event_name)
          select $1, $2, 'waiting', chosen.place - 1, e.event_id, e.kind
          from unnest($3::bigint[]) with ordinality as chosen (id, place)
          join event e on e.id = chosen.id
          where e.shop_id = $2 and ${HAS_FAILED_SQL}`,
        [runId, owner.shop.id, rows],
      );
      return rowCount ?? 0;
    },
  });
  return stored?.runId ?? null;
}

/** Orders of a shop that are to be compared with its events. */
export interface OrderRunChoice {
  since: Date;
  /** The time that orders are listed by: when one was created, or last changed. */
  by: "created" | "updated";
  /** Nothing is sent: the run says what would be. */
  isDry: boolean;
  /** The same as in `NewRun`. */
  token: string | null;
  /** A dry run that goes on beside one that sends, in place of joining it. */
  mayRunBeside?: boolean;
}

/**
 * Starts to look for orders without an event, and to send them. While one such run of the shop works,
 * it is the one that is returned, with what that was asked for.
 */
export async function startOrderRun(
  services: RunServices,
  owner: RunOwner,
  { since, by, isDry, token, mayRunBeside = false }: OrderRunChoice,
): Promise<StoredRun> {
  const choice = { since: since.toISOString(), by, dry: isDry };
  const run = { kind: "reconcile", choice, token, insertItems: null, mayRunBeside } as const;
  // Only a run that is given no items is not stored.
  return (await storeRun(services, owner, run)) as StoredRun;
}
