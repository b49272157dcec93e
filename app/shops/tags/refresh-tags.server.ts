import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import {
  type PinterestTag,
  readPinterestTag,
  readPinterestTags,
} from "#app/events/pinterest-tag.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  askSignedIn,
  readSignInAccess,
  type SignInAccess,
  type SignInServices,
  withTimeout,
} from "#app/shops/connection/ask-signed-in.server.ts";

export interface TagServices extends SignInServices {
  pinterest: Pick<PinterestClient, "listTags" | "getTag" | "createTag" | "refreshOAuthToken">;
}

/** A shop's tags as Pinterest told them last, and why it was not asked or did not answer. */
export interface KnownTags {
  access: PinterestAccess;
  /** The value is null if nothing is known about this ad account. */
  tags: PinterestTag[] | null;
  fetchedAt: Date | null;
  failure: AskFailure | null;
}

interface CacheRow {
  tags: unknown;
  fetched_at: Date;
  is_fresh: boolean;
}

/** A page is given up after five seconds. */
const WAIT_MS = 3_000;

/**
 * Returns the tags of the shop's ad account: the stored ones if they are less than ten minutes old,
 * or Pinterest's current ones. If Pinterest is unavailable, it returns the stored ones with their
 * age. It sends no request for a pasted token, which may not read tags, nor for a paused
 * connection.
 */
export async function refreshTags(
  services: TagServices,
  shop: { id: bigint; domain: string },
  { waitMs = WAIT_MS }: { waitMs?: number } = {},
): Promise<KnownTags> {
  const access = await readSignInAccess(services, shop);
  const { isFresh, ...known } = await readKnownTags(services, shop, access);
  if (access.kind !== "signed_in" || isFresh) return known;
  const asked = await withTimeout(fetchTags(services, shop, access), waitMs);
  if (asked === null) return { ...known, failure: "slow" };
  return asked.ok ? { ...known, ...asked.value } : { ...known, failure: asked.failure };
}

/** Returns the stored tags of the shop, and whether they are less than ten minutes old. */
export async function peekTags(
  services: Pick<TagServices, "db" | "keyring">,
  shop: { id: bigint; domain: string },
): Promise<KnownTags & { isFresh: boolean }> {
  return readKnownTags(services, shop, await readSignInAccess(services, shop));
}

/** The tags as they are stored, whatever their age; asks nothing. */
async function readKnownTags(
  { db }: Pick<TagServices, "db">,
  shop: { id: bigint },
  access: SignInAccess,
): Promise<KnownTags & { isFresh: boolean }> {
  const cached = access.kind === "none" ? undefined : await readCache(db, shop.id, access);
  return {
    access: access.kind,
    tags: cached === undefined ? null : readPinterestTags(cached.tags),
    fetchedAt: cached?.fetched_at ?? null,
    failure: null,
    isFresh: cached?.is_fresh ?? false,
  };
}

type Fetched =
  | { ok: true; value: { tags: PinterestTag[]; fetchedAt: Date } }
  | { ok: false; failure: AskFailure };

async function fetchTags(
  services: TagServices,
  shop: { id: bigint; domain: string },
  access: Extract<SignInAccess, { kind: "signed_in" }>,
): Promise<Fetched> {
  const answer = await askSignedIn(services, shop, access, services.pinterest.listTags);
  if (!answer.ok) return { ok: false, failure: answer.error.kind };
  const { rows } = await services.db.pool.query<{ fetched_at: Date }>(
    // The tags are stored only while the shop has this ad account: another's must not be shown.
    `insert into tag_cache (shop_id, ad_account_id, tags, fetched_at)
      select shop_id, ad_account_id, $3::jsonb, now() from connection
        where shop_id = $1 and ad_account_id = $2
      on conflict (shop_id) do update set ad_account_id = excluded.ad_account_id,
        tags = excluded.tags, fetched_at = excluded.fetched_at
      returning fetched_at`,
    [shop.id, access.adAccountId, JSON.stringify(answer.value)],
  );
  const fetchedAt = rows[0]?.fetched_at;
  if (fetchedAt === undefined) return { ok: false, failure: "not_found" };
  return { ok: true, value: { tags: readPinterestTags(answer.value), fetchedAt } };
}

async function readCache(
  db: Pick<Database, "queryAsShop">,
  shopId: bigint,
  { adAccountId }: { adAccountId: string },
): Promise<CacheRow | undefined> {
  const [row] = await db.queryAsShop<CacheRow>(shopId, {
    name: "read-tag-cache",
    text: `select tags, fetched_at, fetched_at > now() - interval '10 minutes' as is_fresh
      from tag_cache where shop_id = $1 and ad_account_id = $2`,
    values: [shopId.toString(), adAccountId],
  });
  return row;
}

/** One tag and the time of Pinterest's answer; null if the ad account has no tag with this id. */
export interface FoundTag {
  access: PinterestAccess;
  tag: PinterestTag | null;
  fetchedAt: Date | null;
  failure: AskFailure | null;
}

/**
 * A tag of the shop's ad account as Pinterest has it now; while Pinterest is out of reach as it is
 * stored. Asks nothing for a pasted token or a paused connection.
 */
export async function findTag(
  services: TagServices,
  shop: { id: bigint; domain: string },
  tagId: string,
  { now, waitMs = WAIT_MS }: { now: Date; waitMs?: number },
): Promise<FoundTag> {
  const access = await readSignInAccess(services, shop);
  if (access.kind !== "signed_in") return findStoredTag(services, shop, tagId, access);
  const ask = (query: { adAccountId: string; token: string }) =>
    services.pinterest.getTag({ ...query, tagId });
  const answer = await withTimeout(askSignedIn(services, shop, access, ask), waitMs);
  if (answer?.ok) {
    const tag = readPinterestTag(answer.value);
    return { access: access.kind, tag, fetchedAt: now, failure: null };
  }
  const failure = answer === null ? "slow" : answer.error.kind;
  if (failure === "not_found" || failure === "invalid") {
    return { access: access.kind, tag: null, fetchedAt: now, failure: null };
  }
  return { ...(await findStoredTag(services, shop, tagId, access)), failure };
}

async function findStoredTag(
  services: TagServices,
  shop: { id: bigint },
  tagId: string,
  access: SignInAccess,
): Promise<FoundTag> {
  const { tags, fetchedAt } = await readKnownTags(services, shop, access);
  const tag = tags?.find(({ id }) => id === tagId) ?? null;
  return { access: access.kind, tag, fetchedAt, failure: null };
}
