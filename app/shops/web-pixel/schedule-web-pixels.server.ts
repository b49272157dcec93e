import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { forgetSenders } from "#app/shops/note-storefront.server.ts";
import { ensureWebPixel, pixelEndpoint } from "./ensure-web-pixel.server.ts";

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
