import { readWebPixelFault, type WebPixelFault } from "#app/events/web-pixel-state.ts";
import type { Prisma } from "#prisma/client/client.ts";

/** What is known of the store's pixel, its theme embed, and of others that send from its pages. */
export interface BrowserFacts {
  pixel: {
    isOn: boolean;
    fault: WebPixelFault | null;
    /** Shopify was asked for it at least once. */
    isAsked: boolean;
  };
  /** When the pixel, and the theme embed through it, were last heard. */
  lastPixelAt: Date | null;
  lastEmbedAt: Date | null;
  /** Orders of the online store while a pixel that is on was quiet for hours; of some hundreds at most. */
  silentOrders: number;
  /** Since when it is quiet; null where there is none that is on. */
  quietSince: Date | null;
  /** Seen in the last seven days, the latest first; without the tag that the store chose here. */
  senders: SecondSender[];
}

export interface SecondSender {
  /** `tag`: a Pinterest tag of the page; `cookie`: Pinterest's cookie, and no tag that was seen. */
  kind: "tag" | "cookie";
  /** Empty where it is not known. */
  tagId: string;
  /** Whether its events carry the ids that ours carry; null: not seen yet. */
  sharesIds: boolean | null;
  lastSeenAt: Date;
}

type Tx = Prisma.TransactionClient;

const MOST_EVENTS = 500;
/** Fewer hours say nothing: shoppers sleep. */
const QUIET_HOURS = 3;

/** Within a `readAsShop`. */
export async function readBrowserFacts(tx: Tx, shopId: bigint): Promise<BrowserFacts> {
  const shop = await tx.shop.findUniqueOrThrow({
    where: { id: shopId },
    select: {
      webPixelId: true,
      webPixelFault: true,
      webPixelAt: true,
      webPixelCheckedAt: true,
      lastPixelAt: true,
      lastEmbedAt: true,
      storeTagId: true,
    },
  });
  const senders = await tx.$queryRaw<SecondSender[]>`
    select kind, tag_id as "tagId", shares_ids as "sharesIds", last_seen_at as "lastSeenAt"
    from second_sender where shop_id = ${shopId} and last_seen_at > now() - interval '7 days'
    order by last_seen_at desc, kind desc, tag_id`;
  const fault = readWebPixelFault(shop.webPixelFault);
  const isOn = shop.webPixelId !== null && (fault === null || fault === "silent");
  const quietSince = isOn ? laterOf(shop.lastPixelAt, shop.webPixelAt) : null;
  return {
    pixel: { isOn, fault, isAsked: shop.webPixelCheckedAt !== null },
    lastPixelAt: shop.lastPixelAt,
    lastEmbedAt: shop.lastEmbedAt,
    quietSince,
    silentOrders: quietSince === null ? 0 : await countOrders(tx, shopId, quietSince),
    senders: senders.filter(({ tagId }) => tagId === "" || tagId !== shop.storeTagId),
  };
}

function laterOf(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

async function countOrders(tx: Tx, shopId: bigint, since: Date): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select kind, source from event
      where shop_id = ${shopId} and ${since}::timestamptz < now() - ${QUIET_HOURS} * interval '1 hour'
        and event_time > extract(epoch from ${since}::timestamptz)::bigint
      order by event_time desc, id desc limit ${MOST_EVENTS}) latest
    where kind = 'checkout' and source = 'web'`;
  return Number(rows[0]?.n ?? 0);
}
