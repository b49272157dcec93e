import type { PoolClient } from "pg";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { commitGivenEventsIn } from "#app/outbox/append/commit-given-events.server.ts";
import { type Keyring, KeyringError } from "#app/platform/keyring.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import type { HandledItem, LockedRun, WaitingItem } from "./run-item.server.ts";
import { itemIdentity } from "./store-run.server.ts";

/** Why an item is left out: codes, which the run's page puts into words. */
export type ItemLeft = "shop_gone" | "content_locked";

/** Gives the items' events to the outbox, within the transaction of `client`. */
export async function sendItems(
  client: PoolClient,
  { keyring }: { keyring: Keyring },
  run: LockedRun,
  items: readonly WaitingItem[],
): Promise<HandledItem[]> {
  const shop = await loadMappingShop(client, run.domain);
  if (shop === undefined) return items.map((item) => leave(item, "shop_gone"));
  const opened = items.map((item) => ({ item, mapped: openItem(keyring, run.id, item) }));
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

function openItem(
  keyring: Keyring,
  runId: bigint,
  { place, body }: WaitingItem,
): MappedEvent | null {
  if (body === null) return null;
  try {
    const text = keyring.decrypt(body, itemIdentity(runId, place)).toString("utf8");
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
