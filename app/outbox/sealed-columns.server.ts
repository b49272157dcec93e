import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { isDirectSql, type SealedColumn } from "#app/platform/keys/rotate-keys.server.ts";
import { visitIdentity } from "./visit-body.server.ts";

interface PayloadRow {
  shop_id: bigint;
  kind: string;
  source_key: string;
}

interface VisitRow {
  shop_id: bigint;
  visit_key: string;
}

/** The outbox's encrypted columns. */
export const outboxColumns: readonly SealedColumn[] = [
  {
    name: "event_payload.body",
    select: `select p.drop_on::text, p.event_ref::text, p.body as sealed, p.shop_id, e.kind, e.source_key
      from event_payload p join event e on e.id = p.event_ref where ${isDirectSql("p.body")}`,
    bind: ({ shop_id: owner, kind, source_key: sourceKey }: PayloadRow) => ({
      owner,
      identity: payloadIdentity(owner, kind, sourceKey),
    }),
    replace: `update event_payload p set body = decode(r.fresh, 'hex')
      from json_to_recordset($1) as r(drop_on date, event_ref bigint, old text, fresh text)
      where p.drop_on = r.drop_on and p.event_ref = r.event_ref and p.body = decode(r.old, 'hex')`,
  },
  ...(["body", "click_id"] as const).map((column) => ({
    name: `visit.${column}`,
    select: `select shop_id, visit_key, ${column} as sealed from visit where ${isDirectSql(column)}`,
    bind: ({ shop_id: owner, visit_key: key }: VisitRow) => ({
      owner,
      identity: visitIdentity(owner, key, column),
    }),
    replace: `update visit v set ${column} = decode(r.fresh, 'hex')
      from json_to_recordset($1) as r(shop_id bigint, visit_key text, old text, fresh text)
      where v.shop_id = r.shop_id and v.visit_key = r.visit_key and v.${column} = decode(r.old, 'hex')`,
  })),
];
