import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { tokenIdentity } from "./connection-identity.server.ts";

/** A shop's connection with its token, whether it may be used now or not. */
export interface Connection {
  adAccountId: string;
  token: string;
  state: "active" | "paused";
}

interface ConnectionRow {
  ad_account_id: string;
  token: Buffer;
  state: "active" | "paused";
}

/** Null when the shop has none. Rejects with KeyringError for a key that this process was not given. */
export async function readConnection(
  { db, keyring }: { db: Pick<Database, "pool">; keyring: Keyring },
  { id, domain }: { id: bigint; domain: string },
): Promise<Connection | null> {
  const { rows } = await db.pool.query<ConnectionRow>({
    name: "read-connection",
    text: "select ad_account_id, token, state from connection where shop_id = $1",
    values: [id.toString()],
  });
  const [row] = rows;
  if (row === undefined) return null;
  const { ad_account_id: adAccountId, state } = row;
  const token = keyring.decrypt(row.token, tokenIdentity(domain)).toString("utf8");
  return { adAccountId, token, state };
}
