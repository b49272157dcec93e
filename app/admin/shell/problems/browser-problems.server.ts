import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Notice, Problem } from "#app/events/notices/notice.ts";
import { readWebPixelFault, type WebPixelFault } from "#app/events/web-pixel-state.ts";
import type { Prisma } from "#prisma/client/client.ts";

const HOUR_MS = 60 * 60 * 1_000;
/** A few shoppers may all have refused. */
const FEWEST_ORDERS = 5;

/** Shopify's page of all pixels of a store. */
const CUSTOMER_EVENTS_URL = "shopify://admin/settings/customer_events";
const DUPLICATES_URL = "/app/quality/duplicates";

/** The permissions without which Shopify lets no app have a pixel. */
const PIXEL_SCOPES = ["write_pixels", "read_customer_events"];

/**
 * Lists the problems with the data of the store's pages, in the catalogue's order. Whether the
 * theme embed is on, only the browser can ask: it is not among them.
 */
export function listBrowserProblems(
  facts: BrowserFacts,
  scopes: string,
  format: Formatter,
): Problem[] {
  return [
    describePixel(facts, scopes),
    describeSilence(facts, format),
    describeSender(facts),
  ].filter((problem) => problem !== null);
}

function describePixel({ pixel }: BrowserFacts, scopes: string): Problem | null {
  // A store whose merchant has not opened the app yet has not been asked.
  if (pixel.isOn || pixel.fault === null) return null;
  const { action, ...notice } =
    pixel.fault === "denied"
      ? formatNotice("pixel_missing.denied", {
          scopes:
            findMissingScopes(scopes.split(","), PIXEL_SCOPES).join(", ") ||
            PIXEL_SCOPES.join(", "),
        })
      : formatNotice(`pixel_missing.${pixel.fault}`, {});
  const turnOn = { label: action, intent: "turn-on-pixel" as const };
  return { ...notice, severity: "warning", place: "attention", action: turnOn };
}

/** Orders arrive, but nothing from a pixel that is on. */
export function isSilent({ quietSince, silentOrders }: BrowserFacts): boolean {
  return quietSince !== null && silentOrders >= FEWEST_ORDERS;
}

function describeSilence(facts: BrowserFacts, format: Formatter): Problem | null {
  const { quietSince } = facts;
  if (quietSince === null || !isSilent(facts)) return null;
  const h = Math.floor((format.now.getTime() - quietSince.getTime()) / HOUR_MS);
  const { action, ...notice } = formatNotice("pixel_silent.banner", { h: format.number(h) });
  const link = { label: action, url: CUSTOMER_EVENTS_URL };
  return { ...notice, severity: "warning", place: "attention", action: link };
}

/**
 * Describes another sender. One whose events carry our ids counts nothing twice and is no problem.
 */
function describeSender(facts: BrowserFacts): Problem | null {
  const differing = findDifferingSender(facts);
  if (differing !== null) return { ...differing, severity: "warning", place: "attention" };
  const seen = facts.senders.find(({ kind, sharesIds }) => kind === "tag" && sharesIds === null);
  if (seen === undefined) return null;
  const { action, ...notice } = formatNotice("double_sender.seen", { tag: nameTag(seen) });
  const link = { label: action, url: DUPLICATES_URL };
  return { ...notice, severity: "info", place: "attention", action: link };
}

/**
 * Finds a tag of the store's pages that sends events under other ids than ours; null: none was
 * seen.
 */
export function findDifferingSender({
  senders,
}: Pick<BrowserFacts, "senders">): Pick<Problem, keyof Notice | "action"> | null {
  const sender = senders.find(({ kind, sharesIds }) => kind === "tag" && sharesIds === false);
  if (sender === undefined) return null;
  const { action, ...notice } = formatNotice("double_sender.differs", { tag: nameTag(sender) });
  return { ...notice, action: { label: action, url: DUPLICATES_URL } };
}

function nameTag({ tagId }: SecondSender): string {
  return tagId === "" ? shellTexts.unnamedTag : tagId;
}

/** What a page says of a theme embed that its browser found to be off. */
export function describeEmbedOff(editorUrl: string): Problem {
  const { action, ...notice } = formatNotice("embed_off.banner", {});
  const link = { label: action, url: editorUrl };
  return { ...notice, severity: "info", place: "attention", action: link };
}

/** A scope to write includes the one to read: Shopify lists only the first. */
export function findMissingScopes(granted: readonly string[], needed: readonly string[]): string[] {
  const known = new Set(granted.flatMap((scope) => [scope, scope.replace(/^write_/, "read_")]));
  return needed.filter((scope) => !known.has(scope));
}

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
  /**
   * Orders of the online store while a pixel that is on was quiet for hours; of some hundreds at
   * most.
   */
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
/** Fewer hours prove nothing: shoppers sleep. */
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
  const quietSince = isOn ? chooseLater(shop.lastPixelAt, shop.webPixelAt) : null;
  return {
    pixel: { isOn, fault, isAsked: shop.webPixelCheckedAt !== null },
    lastPixelAt: shop.lastPixelAt,
    lastEmbedAt: shop.lastEmbedAt,
    quietSince,
    silentOrders: quietSince === null ? 0 : await countOrders(tx, shopId, quietSince),
    senders: senders.filter(({ tagId }) => tagId === "" || tagId !== shop.storeTagId),
  };
}

function chooseLater(one: Date | null, other: Date | null): Date | null {
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
