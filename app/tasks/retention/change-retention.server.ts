import { type ShortenedPayloads, shortenPayloads } from "#app/outbox/shorten-payloads.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { writeAuditEntry } from "#app/shops/write-audit-entry.server.ts";

export type ChangedRetention =
  | ({ ok: true; isChanged: boolean } & ShortenedPayloads)
  /** Not a whole number of days that a shop may choose. */
  | { ok: false };

/**
 * Sets for how many days a shop's bodies are kept. Fewer days hold for the bodies there are as well,
 * in the same transaction: what is older goes now. More days hold for new events alone. Rejects with
 * UnknownShopError.
 */
export function changeRetention(
  { db }: { db: Pick<Database, "transaction"> },
  { shop, days, actor }: { shop: { id: bigint; domain: string }; days: unknown; actor: string },
): Promise<ChangedRetention> {
  return db.transaction(async (client): Promise<ChangedRetention> => {
    const inside: Pick<Database, "transaction"> = { transaction: (work) => work(client) };
    const changed = await changeSettings(
      { db: inside },
      // To the settings null would be the default.
      { domain: shop.domain, changes: { payload_days: days ?? "" }, actor },
    );
    if (!changed.ok) return { ok: false };
    const isChanged = changed.changed.length > 0;
    if (!isChanged) return { ok: true, isChanged, deleted: 0, moved: 0 };
    const shortened = await shortenPayloads(client, shop.id, changed.settings.payload_days);
    if (shortened.deleted > 0) {
      await writeAuditEntry(client, {
        shopId: shop.id,
        actor,
        action: "payloads.delete",
        after: { older_than_days: changed.settings.payload_days, deleted: shortened.deleted },
      });
    }
    return { ok: true, isChanged, ...shortened };
  });
}
