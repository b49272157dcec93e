import { requestApplicationToken } from "#app/shopify/application-token.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { type OpenAdmin, reopenOnRefusal } from "#app/shopify/shop-admin.server.ts";
import type { ApplicationSessions } from "#app/web/application-sessions.server.ts";
import type { ShopifyServices } from "#app/web/shopify.server.ts";

/**
 * Opens the Admin API of shops without their merchants: by the session that a merchant left, and where
 * that has ended by the app's own key, if the operator has set one. Rejects where there is neither.
 * Shopify's library is loaded with the first shop that is asked about, and not before.
 */
export function adminOpener(services: ShopifyServices): OpenAdmin {
  const open = openBy(services);
  const byMerchant = async (domain: string) => (await open(domain)).admin;
  const { config, log } = services;
  const { SHOPIFY_APP_PRIVATE_KEY: appKey, SHOPIFY_API_KEY: apiKey } = config;
  if (appKey === undefined) return byMerchant;
  const nowMs = Date.now;
  const identity = { apiKey, appKey, sandboxUrl: config.SHOPIFY_SANDBOX_URL, nowMs };
  const requestToken = (domain: string) => requestApplicationToken(identity, domain);
  let sessions: ApplicationSessions | undefined;
  const byKey = openBy(services, async () => {
    const { createApplicationSessions } = await import("#app/web/application-sessions.server.ts");
    sessions = createApplicationSessions({ requestToken, nowMs });
    return sessions;
  });
  const openByKey = async (domain: string): Promise<ShopifyAdmin> => {
    const { admin, session } = await byKey(domain);
    return reopenOnRefusal(admin, async () => {
      await sessions?.deleteSession(session.id);
      return (await byKey(domain)).admin;
    });
  };
  return async (domain) => {
    // What has ended need not be tried with each query.
    if (sessions?.has(domain)) return openByKey(domain);
    const opened = await open(domain).catch((error: unknown) => ({ error }));
    // The library hands out a session that has ended, if there is nothing to renew it with.
    if ("admin" in opened && !opened.session.isExpired()) return opened.admin;
    const byApp = await openByKey(domain).catch(() => null);
    if (byApp !== null) return byApp;
    log.warn({ shop: domain }, "Shopify gave the app's key no access to a shop");
    if ("error" in opened) throw opened.error;
    return opened.admin;
  };
}

function openBy(services: ShopifyServices, openSessions?: () => Promise<ApplicationSessions>) {
  const opened = openOnce(async () => {
    const { createShopify } = await import("#app/web/shopify.server.ts");
    return createShopify(services, await openSessions?.());
  });
  return async (domain: string) => (await opened()).unauthenticated.admin(domain);
}

/** After a failure the next caller tries again: memory or files may be available by then. */
export function openOnce<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}
