import { isDirectSql, type SealedColumn } from "#app/platform/keys/rotate-keys.server.ts";
import { itemIdentity } from "./store-run.server.ts";

interface ItemRow {
  run_id: bigint;
  place: number;
  shop_id: bigint;
}

/** The encrypted column of runs. */
export const runColumns: readonly SealedColumn[] = [
  {
    name: "run_item.body",
    select: `select run_id, place, shop_id, body as sealed from run_item where ${isDirectSql("body")}`,
    bind: ({ run_id: runId, place, shop_id: owner }: ItemRow) => ({
      owner,
      identity: itemIdentity(runId, place),
    }),
    replace: `update run_item i set body = decode(r.fresh, 'hex')
      from json_to_recordset($1) as r(run_id bigint, place integer, old text, fresh text)
      where i.run_id = r.run_id and i.place = r.place and i.body = decode(r.old, 'hex')`,
  },
];
