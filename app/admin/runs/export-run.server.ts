import { csvHeader, csvLine } from "#app/admin/shell/csv.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { describeWhy } from "./describe-run.server.ts";
import { readAllRunItems } from "./read-run.server.ts";

/** What became of each event of a run, as CSV; without personal data. The header alone for a run that the shop does not have. */
export async function* exportRun(
  services: { db: Pick<Database, "readAsShop"> },
  shop: { id: bigint },
  runId: bigint,
): AsyncGenerator<string> {
  yield csvHeader(["row", "kind", "order", "event_id", "outcome", "state", "reason"]);
  for await (const items of readAllRunItems(services, shop, runId)) {
    const lines = items.map(({ place, eventName, orderName, eventId, outcome, eventState, why }) =>
      csvLine([
        place + 1,
        eventName,
        orderName ?? null,
        eventId,
        outcome,
        eventState,
        describeWhy(why, eventName),
      ]),
    );
    yield lines.join("");
  }
}
