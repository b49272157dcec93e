import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { pauseIn } from "./pause-connection.server.ts";

/**
 * The refusals that pause a connection after several times: Pinterest's about token, role and ad
 * account, and `internal`, an error of Pinrelay. `all_refused` is shown to the merchant and pauses
 * nothing: Pinterest rejects every event.
 */
export type Trouble =
  | "unauthorized"
  | "forbidden"
  | "account_not_found"
  | "internal"
  | "all_refused";

/** `general`: so many accounts hear it that Pinterest is unwell, not the merchants. */
export type RecordedTrouble = { kind: "recorded" | "paused" | "general"; times: number };

/** One statement may be a slip, and an outage of a minute says it twice. */
const TIMES_TO_BELIEVE = 3;
const BELIEVED_AFTER = "90 seconds";
/** Refusals older than this no longer count. */
const FORGOTTEN_AFTER = "1 day";

/** Fewer accounts than this may all be one person's. */
const GENERAL_ACCOUNTS = 5;
const GENERAL_SHARE = 0.1;
const GENERAL_WITHIN = "10 minutes";

/**
 * Counts a statement against a shop's active connection, and pauses it at the third one, when the
 * first is more than a minute and a half old and the other ad accounts are well. Kept in the
 * database: processes restart, and several workers hear it.
 */
export async function recordTrouble(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  { trouble, detail }: { trouble: Trouble; detail: string },
): Promise<RecordedTrouble> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ times: number; is_old: boolean }>(
      `update connection c set trouble = $2, trouble_detail = $3, trouble_at = now(),
          trouble_times = case when was.is_new then 1 else least(c.trouble_times + 1, 1000) end,
          trouble_since = case when was.is_new then now() else c.trouble_since end
        from (select shop_id, trouble is distinct from $2
            or trouble_at < now() - interval '${FORGOTTEN_AFTER}' as is_new
          from connection where shop_id = $1 and state = 'active' for no key update) was
        where c.shop_id = was.shop_id
        returning c.trouble_times as times,
          c.trouble_since < now() - interval '${BELIEVED_AFTER}' as is_old`,
      [shopId, trouble, detail],
    );
    const [noted] = rows;
    if (noted === undefined) return { kind: "paused", times: 0 };
    const { times } = noted;
    const isBelieved = times >= TIMES_TO_BELIEVE && noted.is_old && trouble !== "all_refused";
    if (!isBelieved) return { kind: "recorded", times };
    if (await isGeneral(client)) return { kind: "general", times };
    await pauseIn(client, shopId, trouble, "system");
    return { kind: "paused", times };
  });
}

/** Tells whether many of the recently used ad accounts got such a refusal. */
async function isGeneral(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ asked: bigint; troubled: bigint }>(
    `select count(distinct c.ad_account_id) as asked,
        count(distinct c.ad_account_id) filter (where c.trouble <> 'all_refused'
          and c.trouble_at > now() - interval '${GENERAL_WITHIN}') as troubled
      from due_account d join connection c on c.ad_account_id = d.ad_account_id
      where d.leased_at > now() - interval '${GENERAL_WITHIN}'`,
  );
  const { asked, troubled } = rows[0] as { asked: bigint; troubled: bigint };
  return troubled >= GENERAL_ACCOUNTS && Number(troubled) > Number(asked) * GENERAL_SHARE;
}

/**
 * Clears the count after Pinterest accepted an event: the earlier refusals were wrong, or are
 * fixed.
 */
export async function clearTrouble(
  { db }: { db: Pick<Database, "pool"> },
  shopId: bigint,
  { withConversionToken }: { withConversionToken: boolean },
): Promise<void> {
  await db.pool.query(
    `update connection set trouble = null, trouble_detail = null, trouble_times = 0,
        trouble_since = null, trouble_at = null, retests = 0, retest_at = null,
        conversion_refused_at = case when $2 then null else conversion_refused_at end
      where shop_id = $1 and state = 'active'`,
    [shopId, withConversionToken],
  );
}

/**
 * Pinterest refused the conversion token where the sign-in's went through. The token is given up when
 * that was said before, over a minute and a half ago, and not taken back meanwhile; a new one is made
 * with the next renewal.
 */
export async function recordRefusedConversionToken(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
): Promise<void> {
  await db.transaction(async (client) => {
    const { rows } = await client.query<{ is_old: boolean }>(
      `update connection set conversion_refused_at = coalesce(conversion_refused_at, now())
        where shop_id = $1 and conversion_token is not null
        returning conversion_refused_at < now() - interval '${BELIEVED_AFTER}' as is_old`,
      [shopId],
    );
    if (rows[0]?.is_old !== true) return;
    await client.query(
      `update connection set conversion_token = null, conversion_token_at = null, updated_at = now()
        where shop_id = $1`,
      [shopId],
    );
    await writeAuditEntry(client, {
      shopId,
      actor: "system",
      action: "connection.drop_conversion_token",
      before: { sending_with: "conversion_token" },
      after: { sending_with: "token" },
    });
  });
}
