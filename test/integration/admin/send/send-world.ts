import type { SendFields } from "#app/admin/send/send-form.ts";
import { makeEventId } from "#app/admin/send/send-one-event.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { createPinterestClient } from "#app/pinterest/client.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { openFlowStack } from "#test/integration/shopify/flow-fixture.ts";

export type SendWorld = Awaited<ReturnType<typeof openSendWorld>>;

export const EMAIL = "canary.shopper@example.com";

/** The use cases of the screen, between a local Shopify, a strict Pinterest and a worker. */
export async function openSendWorld() {
  const stack = await openFlowStack();
  const { db, keyring, pinterest } = stack;
  const client = createPinterestClient({ apiUrl: pinterest.url });
  const config = { PINTEREST_API_URL: pinterest.url };
  return {
    ...stack,
    services: { db, keyring, config, pinterest: client },
    /** Somebody of a new shop's staff. */
    async openMerchant(options: { isConnected?: boolean; timeZone?: string } = {}) {
      const { timeZone = "America/New_York", ...shopOptions } = options;
      const { domain, adAccountId } = await stack.openShop(shopOptions);
      const shop = await findShop({ db }, domain);
      if (shop === null) throw new Error("the shop was not installed");
      return {
        shop: { ...shop, timeZone, currency: "USD" },
        adAccountId,
        actor: "user:548380009",
        admin: await stack.adminOf(domain),
        format: createFormatter({ locale: "en-US", timeZone, now: new Date() }),
      };
    },
    requestsOf: (adAccountId: string) =>
      pinterest.ledger.requests.filter((request) => request.adAccountId === adAccountId),
    async close() {
      await client.close();
      await stack.close();
    },
  };
}

/** A form as the page posts it. */
export function form(fields: SendFields = {}, eventId = makeEventId()) {
  return { fields: { eventName: "checkout", email: EMAIL, value: "72.39", ...fields }, eventId };
}

export function csvFile(text: string, name = "events.csv"): File {
  return new File([text], name, { type: "text/csv" });
}
