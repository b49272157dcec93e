import {
  type EventIdentity,
  type EventStanding,
  identityKey,
  readStandings,
} from "#app/outbox/read-outcomes.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { judgeResults } from "#app/tasks/send/send-sorted.server.ts";
import type { SendDocument, TaskResult } from "#app/tasks/task-document.server.ts";
import { judge } from "./to-result.server.ts";

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
export async function refreshPending(
  services: RefreshServices,
  shop: ShopPlace,
  document: SendDocument,
): Promise<SendDocument> {
  const pending = document.results.filter(({ status }) => status === "pending");
  if (pending.length === 0) return document;
  const standings = await findStandings(services, shop, pending);
  const results = document.results.map((result) => refresh(result, standings));
  const { ok, summary } = judgeResults(results);
  return { ...document, ok: ok && document.error === undefined, summary, results };
}

function refresh(result: TaskResult, standings: Map<string, EventStanding>): TaskResult {
  const { status, event_name: kind, event_id: eventId } = result;
  if (status !== "pending" || kind === null || eventId === null) return result;
  const standing = standings.get(idKey(kind, eventId));
  if (standing === undefined) return result;
  const fresh = judge(standing);
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
