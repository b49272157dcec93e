import type { PoolClient } from "pg";
import { payloadIdentity } from "#app/outbox/payload-identity.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { dropOn } from "./event-record.server.ts";
import type { EventRow } from "./intake-row.server.ts";

/** Stores what will be sent, encrypted: Pinterest needs IP address and user agent as they are. */
export async function insertPayloads(
  { client, keyring }: { client: PoolClient; keyring: Keyring },
  sent: readonly { ref: bigint; row: EventRow }[],
): Promise<void> {
  if (sent.length === 0) return;
  const payloads = sent.flatMap(({ ref, row: { shop, mapped } }) => {
    if (mapped.outcome.kind !== "send") return [];
    const body = JSON.stringify(mapped.outcome.event);
    const sealed = keyring.encrypt(body, payloadIdentity(shop.id, mapped.kind, mapped.sourceKey));
    return {
      drop_on: dropOn(shop.payloadDays),
      event_ref: ref.toString(),
      shop_id: shop.id.toString(),
      body: sealed.toString("base64"),
    };
  });
  await client.query({
    name: "insert-payloads",
    text: `insert into event_payload (drop_on, event_ref, shop_id, body)
      select drop_on, event_ref, shop_id, decode(body, 'base64') from json_to_recordset($1)
        as r(drop_on date, event_ref bigint, shop_id bigint, body text)`,
    values: [JSON.stringify(payloads)],
  });
}
