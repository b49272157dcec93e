import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { type ShortenedPayloads, shortenPayloads } from "#app/outbox/payload-retention.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";

export type ChangedRetention =
  | ({ ok: true; isChanged: boolean } & ShortenedPayloads)
  /** Not a whole number of days that a shop may choose. */
  | { ok: false };

/**
 * Sets for how many days a shop's payloads are kept after their events' end. Fewer days hold for the
 * payloads there are as well: what is older goes now, in pages, so that no request waits for all of it.
 * The same number again goes on where a process ended on the way. More days hold for events that end
 * from now on. Rejects with UnknownShopError.
 */
export async function changeRetention(
  { db }: { db: Pick<Database, "transaction"> },
  { shop, days, actor }: { shop: { id: bigint; domain: string }; days: unknown; actor: string },
): Promise<ChangedRetention> {
  const changed = await changeSettings(
    { db },
    // To the settings null would be the default.
    { domain: shop.domain, changes: { payload_days: days ?? "" }, actor },
  );
  if (!changed.ok) return { ok: false };
  const { payload_days: kept } = changed.settings;
  const shortened = await shortenPayloads({ db }, shop.id, kept);
  if (shortened.deleted > 0) {
    const after = { older_than_days: kept, deleted: shortened.deleted };
    await db.transaction((client) =>
      writeAuditEntry(client, { shopId: shop.id, actor, action: "payloads.delete", after }),
    );
  }
  return { ok: true, isChanged: changed.changed.length > 0, ...shortened };
}
