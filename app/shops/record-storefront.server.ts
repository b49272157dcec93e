import type { Pool } from "pg";

/** A sender to Pinterest beside us that a page of the shop has. */
export interface SeenSender {
  shopId: bigint;
  kind: "tag" | "cookie";
  /** Empty where it is not known. */
  tagId: string;
  /** Null where no event of it was seen. */
  sharesIds: boolean | null;
}

/** Which parts of a shop's storefront were heard. */
export interface HeardShop {
  shopId: bigint;
  /** The theme's script, through the pixel. */
  hasEmbed: boolean;
}

/**
 * Notes when pixels and theme scripts were last heard, to the minute. Every page of every shopper
 * tells of both, so a row that says it already is not written, and one that is locked is left.
 */
export async function recordHeardShops(
  pool: Pick<Pool, "query">,
  shops: readonly HeardShop[],
): Promise<void> {
  await pool.query({
    name: "note-heard-shops",
    text: `update shop set last_pixel_at = now(),
        last_embed_at = case when stale.has_embed then now() else shop.last_embed_at end
      from (
        select s.id, r.has_embed from shop s
          join unnest($1::bigint[], $2::boolean[]) r (id, has_embed) using (id)
        where s.last_pixel_at is null or s.last_pixel_at < now() - interval '1 minute'
          or (r.has_embed and (s.last_embed_at is null or s.last_embed_at < now() - interval '1 minute'))
        order by s.id for no key update of s skip locked) stale
      where shop.id = stale.id`,
    values: [shops.map(({ shopId }) => String(shopId)), shops.map(({ hasEmbed }) => hasEmbed)],
  });
}

/** Anyone can invent tags; no shop has as many. */
const MOST_SENDERS = 20;
/** When a sender was last seen is shown to the day. */
const SEEN_AGAIN_MINUTES = 10;

/** Keeps which other senders to Pinterest a page of the shop has; at most 20 for a shop. */
export async function recordSenders(
  pool: Pick<Pool, "query">,
  senders: readonly SeenSender[],
): Promise<void> {
  await pool.query({
    name: "note-senders",
    text: `insert into second_sender (shop_id, kind, tag_id, shares_ids)
      select shop_id, kind, tag_id, shares_ids
      from (select *, row_number() over (partition by shop_id order by kind, tag_id) as place
        from unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[])
          r (shop_id, kind, tag_id, shares_ids)) r
      where exists (select from second_sender known
          where known.shop_id = r.shop_id and known.kind = r.kind and known.tag_id = r.tag_id)
        or (select count(*) from second_sender known where known.shop_id = r.shop_id) + r.place
          <= ${MOST_SENDERS}
      order by shop_id, kind, tag_id
      on conflict (shop_id, kind, tag_id) do update set
        shares_ids = coalesce(excluded.shares_ids, second_sender.shares_ids), last_seen_at = now()
      where second_sender.last_seen_at < now() - interval '${SEEN_AGAIN_MINUTES} minutes'
        or (excluded.shares_ids is not null
          and second_sender.shares_ids is distinct from excluded.shares_ids)`,
    values: [
      senders.map(({ shopId }) => String(shopId)),
      senders.map(({ kind }) => kind),
      senders.map(({ tagId }) => tagId),
      senders.map(({ sharesIds }) => sharesIds),
    ],
  });
}

/** A sender that a shop had once must not take the place of one that it has. */
const SENDER_DAYS = 30;

/** Forgets the senders that no page has had for a month. */
export async function forgetSenders(pool: Pick<Pool, "query">): Promise<void> {
  await pool.query(
    `delete from second_sender where last_seen_at < now() - interval '${SENDER_DAYS} days'`,
  );
}
