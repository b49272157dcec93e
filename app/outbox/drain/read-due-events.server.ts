import { payloadIdentity } from "#app/events/payload-identity.ts";
import { IS_LATE_SQL } from "#app/outbox/late-event.server.ts";
import { BATCH_SIZE } from "#app/outbox/wake-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Lease } from "./claim-accounts.server.ts";

/** An event that is due, as it will be sent. */
export interface DueEvent {
  /** Row id. */
  ref: bigint;
  shopId: bigint;
  /** How often it was settled as "try again". */
  attempts: number;
  /** JSON text of the conversion event, the same bytes at every attempt. */
  body: string;
  createdAt: Date;
}

interface DueRow {
  id: bigint;
  shop_id: bigint;
  kind: string;
  source_key: string;
  attempts: number;
  is_late: boolean;
  created_at: Date;
  body: Buffer | null;
}

export interface DueEvents {
  due: DueEvent[];
  /** Past the time in which Pinterest takes them, or their payload is gone. */
  late: { ref: bigint }[];
  /** Encrypted under a key that this process was not given: an operator's slip, to be tried again. */
  locked: { ref: bigint; attempts: number }[];
}

/**
 * Up to 1,000 due events of a leased ad account, the longest waiting first, of shops that are
 * installed and whose connection is not paused.
 */
export async function readDueEvents(
  { db, keyring }: { db: Pick<Database, "pool">; keyring: Keyring },
  lease: Lease,
): Promise<DueEvents> {
  const { rows } = await db.pool.query<DueRow>({
    name: "read-due-events",
    text: `select e.id, e.shop_id, e.kind, e.source_key, e.attempts, e.created_at, p.body,
        ${IS_LATE_SQL} as is_late
      from event e
      join connection c on c.shop_id = e.shop_id and c.state = 'active'
      join shop s on s.id = e.shop_id and s.state = 'installed'
      left join event_payload p on p.drop_on = e.payload_drop_on and p.event_ref = e.id
      where e.ad_account_id = $1 and e.state in ('held', 'pending') and e.next_at <= now()
      order by e.next_at, e.id limit ${BATCH_SIZE}`,
    values: [lease.adAccountId],
  });
  const events: DueEvents = { due: [], late: [], locked: [] };
  for (const row of rows) {
    const { id: ref, shop_id: shopId, attempts, created_at: createdAt } = row;
    if (row.is_late || row.body === null) {
      events.late.push({ ref });
      continue;
    }
    const identity = payloadIdentity(shopId, row.kind, row.source_key);
    const body = openPayload(keyring, row.body, identity);
    if (body === null) events.locked.push({ ref, attempts });
    else events.due.push({ ref, shopId, attempts, body, createdAt });
  }
  return events;
}

function openPayload(keyring: Keyring, sealed: Buffer, identity: string): string | null {
  try {
    return keyring.decrypt(sealed, identity).toString("utf8");
  } catch {
    return null;
  }
}
