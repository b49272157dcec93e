import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { WebPixelFault } from "#app/events/web-pixel-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import type { ShopifyAdmin, ShopifyAnswer } from "#app/shopify/ask-shopify.server.ts";
import { writePixelAddress } from "#app/shopify/metafields.server.ts";
import {
  createWebPixel,
  fetchWebPixel,
  updateWebPixel,
  type WebPixelChange,
  type WebPixelSettings,
} from "#app/shopify/web-pixel.server.ts";
import { forgetSenders } from "./record-storefront.server.ts";

export interface WebPixelServices {
  db: Pick<Database, "queryAsShop" | "transaction">;
  log: Pick<Logger, "warn">;
  config: { SHOPIFY_APP_URL: string };
}

export interface WebPixelWish {
  admin: ShopifyAdmin;
  /** As in the audit log. */
  actor: string;
  /**
   * The merchant asks for it. What the app does by itself leaves a pixel alone that the merchant has
   * disconnected.
   */
  isAsked?: boolean;
  /** The theme's script is told where to send as well, though it knows by all that is known here. */
  isDaily?: boolean;
}

/** The store's pixel as it was left: null where all is as it should be. */
export type WebPixelEnd = { fault: WebPixelFault | null };

interface Known {
  id: string | null;
  fault: WebPixelFault | null;
  endpoint: string | null;
  key: string;
}

/** What was found out: the pixel there is, and what is wrong with it. */
interface Found {
  id: string | null;
  fault: WebPixelFault | null;
  /** Shopify's words, for the log. */
  message?: string;
}

/**
 * Makes the store have our web pixel, with the settings of now, and remembers how that went. May be
 * called as often as you like, and by several at once.
 */
export async function ensureWebPixel(
  services: WebPixelServices,
  shop: { id: bigint; domain: string },
  { admin, actor, isAsked = false, isDaily = false }: WebPixelWish,
): Promise<WebPixelEnd> {
  const known = await readKnown(services, shop.id);
  if (known === undefined) return { fault: null };
  if (known.fault === "disconnected" && !isAsked) return { fault: known.fault };
  const endpoint = pixelEndpoint(services.config.SHOPIFY_APP_URL);
  const settings = { endpoint, shop: shop.domain, key: known.key };
  const found = await settle(admin, known, settings, isAsked);
  if (found.fault !== null) {
    const { fault, message } = found;
    services.log.warn({ shop: shop.domain, fault, message }, "the store's web pixel is not on");
  }
  const isNew = known.endpoint !== endpoint || isAsked;
  if (found.fault === null && (isNew || isDaily)) await tellTheme(services, admin, settings);
  await services.db.transaction((client) =>
    remember(client, shop.id, { found, actor, ...(found.fault === null && { endpoint }) }),
  );
  return { fault: found.fault };
}

/**
 * Tells the theme's script where the app listens. Where that fails, it tells of no sign-ups, and all
 * else goes on: the job tries again tomorrow.
 */
async function tellTheme(
  { log }: WebPixelServices,
  admin: ShopifyAdmin,
  { endpoint, shop, key }: WebPixelSettings,
): Promise<void> {
  const told = await writePixelAddress(admin, endpoint, key);
  const fault = told.ok ? told.found : told.failure;
  if (fault !== null)
    log.warn({ shop, fault }, "the theme could not be told where the app listens");
}

/** Where pixels send. */
function pixelEndpoint(appUrl: string): string {
  return new URL("/pixel", appUrl).href;
}

async function settle(
  admin: ShopifyAdmin,
  known: Known,
  settings: WebPixelSettings,
  isAsked: boolean,
): Promise<Found> {
  if (known.id === null) return create(admin, settings);
  const there = await fetchWebPixel(admin);
  if (!there.ok && there.failure === "denied") return { id: known.id, fault: "denied" };
  if (there.ok && areEqual(there.found.settings, settings)) return toFound(there.found.id);
  // Whether there is none or Shopify is unwell, the answer to an update tells.
  const id = there.ok ? there.found.id : known.id;
  const changed = await updateWebPixel(admin, id, settings);
  if (!changed.ok || changed.found.kind !== "gone") return toEnd(changed, id);
  return isAsked ? create(admin, settings) : { id: null, fault: "disconnected" };
}

/** Without an id we do not know whether there is one: we may have died before we could note it. */
async function create(admin: ShopifyAdmin, settings: WebPixelSettings): Promise<Found> {
  const created = await createWebPixel(admin, settings);
  if (!created.ok || created.found.kind !== "taken") return toEnd(created, null);
  const there = await fetchWebPixel(admin);
  if (!there.ok) return toEnd(there, null);
  return toEnd(await updateWebPixel(admin, there.found.id, settings), there.found.id);
}

function toFound(id: string): Found {
  return { id, fault: null };
}

/** `id`: of the pixel that stays, should the wish have failed. */
function toEnd(answer: ShopifyAnswer<WebPixelChange>, id: string | null): Found {
  if (!answer.ok) return { id, fault: answer.failure === "denied" ? "denied" : "silent" };
  switch (answer.found.kind) {
    case "done":
      return toFound(answer.found.id);
    case "no_extension":
    case "rejected":
      return { id, fault: answer.found.kind, message: answer.found.message };
    case "taken":
    case "gone":
      // Somebody else was at it in this moment: the next look tells.
      return { id: null, fault: "silent" };
  }
}

function areEqual(one: WebPixelSettings | null, other: WebPixelSettings): boolean {
  return (
    one !== null &&
    one.endpoint === other.endpoint &&
    one.shop === other.shop &&
    one.key === other.key
  );
}

async function readKnown({ db }: WebPixelServices, shopId: bigint): Promise<Known | undefined> {
  const [row] = await db.queryAsShop<Known>(shopId, {
    name: "read-web-pixel",
    text: `select web_pixel_id as id, web_pixel_fault as fault, web_pixel_endpoint as endpoint,
      pixel_key as key from shop where id = $1 and state = 'installed'`,
    values: [shopId.toString()],
  });
  return row;
}

/** A change is noted once, in the audit log as well; that nothing changed, by its time alone. */
async function remember(
  client: PoolClient,
  shopId: bigint,
  { found, actor, endpoint }: { found: Found; actor: string; endpoint?: string },
): Promise<void> {
  const { rows } = await client.query<Omit<Known, "key">>(
    `select web_pixel_id as id, web_pixel_fault as fault, web_pixel_endpoint as endpoint
      from shop where id = $1 and state = 'installed' for no key update`,
    [shopId],
  );
  const [before] = rows;
  if (before === undefined) return;
  const after = { id: found.id, fault: found.fault, endpoint: endpoint ?? before.endpoint };
  const isSame = before.id === after.id && before.fault === after.fault;
  await client.query(
    `update shop set web_pixel_id = $2, web_pixel_fault = $3, web_pixel_endpoint = $4,
        web_pixel_checked_at = now(), web_pixel_at = case when $5 then web_pixel_at else now() end
      where id = $1`,
    [shopId, after.id, after.fault, after.endpoint, isSame],
  );
  // Shopify's silence passes, and comes again: a year of it would fill the log.
  const isOfSilence = before.fault === "silent" || after.fault === "silent";
  if ((isSame || (isOfSilence && before.id === after.id)) && before.endpoint === after.endpoint)
    return;
  await writeAuditEntry(client, {
    shopId,
    actor,
    action: nameChange(before, after),
    before: describe(before),
    after: describe(after),
  });
}

type Kept = Pick<Known, "id" | "fault" | "endpoint">;

function nameChange(before: Kept, after: Kept): string {
  if (after.fault !== null) return "pixel.stop";
  const wasOn = before.id === after.id && (before.fault === null || before.fault === "silent");
  return wasOn ? "pixel.change" : "pixel.turn_on";
}

function describe({ id, fault, endpoint }: Kept): Record<string, unknown> {
  return {
    pixel: fault === null && id !== null ? "on" : "off",
    ...(fault !== null && { reason: fault }),
    ...(endpoint !== null && { endpoint }),
  };
}

export interface WebPixelJob {
  db: Pick<Database, "pool" | "queryAsShop" | "transaction">;
  log: Logger;
  config: { SHOPIFY_APP_URL: string };
  /** The Admin API of a shop without its merchant. Rejects when there is no session of it. */
  openAdmin: (domain: string) => Promise<ShopifyAdmin>;
}

/**
 * Looks after the pixels of all stores, also after the app has moved to another address, and forgets
 * what they told of senders that are gone.
 */
export async function scheduleWebPixels({
  queue,
  ...services
}: WebPixelJob & { queue: Pick<Queue, "schedule"> }): Promise<void> {
  await queue.schedule("check-web-pixels", "*/5 * * * *", async () => {
    await forgetSenders(services.db.pool);
    await checkWebPixels(services);
  });
}

/** The fault of one shop, or of Shopify, holds up no other. */
export async function checkWebPixels(services: WebPixelJob): Promise<void> {
  const { db, config, openAdmin } = services;
  const endpoint = pixelEndpoint(config.SHOPIFY_APP_URL);
  await workOnEach(services, {
    job: "check-web-pixels",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => readDue({ db }, endpoint, after, limit),
    work: async (shop: DueShop) => {
      const admin = await openAdmin(shop.domain);
      return ensureWebPixel(services, shop, { admin, actor: "system", isDaily: true });
    },
  });
}

type DueShop = { id: bigint; domain: string };

/**
 * A pixel that is on is looked at once a day, and at once when the app has moved; one that Shopify
 * did not answer for, each hour; any other fault takes a person, and is looked at every six hours.
 */
async function readDue(
  { db }: Pick<WebPixelJob, "db">,
  endpoint: string,
  after: bigint,
  limit: number,
): Promise<DueShop[]> {
  const { rows } = await db.pool.query<DueShop>(
    `select s.id, s.domain from shop s
      where s.state = 'installed' and s.id > $2
        and s.web_pixel_fault is distinct from 'disconnected'
        and (s.web_pixel_checked_at is null
          or (s.web_pixel_fault is null and s.web_pixel_endpoint is distinct from $1)
          or s.web_pixel_checked_at < now() - case when s.web_pixel_fault is null then interval '1 day'
            when s.web_pixel_fault = 'silent' then interval '1 hour' else interval '6 hours' end)
        and exists (select from shopify_session x where x.shop_domain = s.domain)
      order by s.id limit $3`,
    [endpoint, after, limit],
  );
  return rows;
}
