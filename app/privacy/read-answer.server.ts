import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { answerIdentity } from "./privacy-request.server.ts";

/**
 * Decrypts the answer to a request of a shop's customer, and notes who read it first: it holds personal
 * data. Null: the shop has no such answer, or has it no longer.
 */
export async function readAnswer(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction" | "queryAsShop">; keyring: Keyring },
  shop: { id: bigint; domain: string },
  { requestId, actor }: { requestId: bigint; actor: string },
): Promise<Buffer | null> {
  const rows = await db.queryAsShop<{ answer: Buffer }>(shop.id, {
    text: `select answer from compliance_request
      where id = $1 and shop_domain = $2 and answer is not null`,
    values: [requestId.toString(), shop.domain],
  });
  const answer = rows[0]?.answer;
  if (answer === undefined) return null;
  const text = await keyring.decrypt(db.pool, answer, answerIdentity(shop.domain, requestId));
  const entry = { shopId: shop.id, actor, action: "privacy.download" };
  await db.transaction((client) =>
    writeAuditEntry(client, { ...entry, after: { request: String(requestId) } }),
  );
  return text;
}
