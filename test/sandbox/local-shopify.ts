import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Answer, type SandboxRequest, startLocalServer } from "./local-server.ts";
import { createBilling, type LocalBilling } from "./shopify/admin-api/billing.ts";
import { createScopeResolvers, joinResolvers } from "./shopify/admin-api/installation.ts";
import { type AppMetafields, createMetafieldResolvers } from "./shopify/admin-api/metafields.ts";
import { createOrderCounts, type OrderCounts } from "./shopify/admin-api/order-counts.ts";
import { createProductResolvers } from "./shopify/admin-api/products.ts";
import { createWebPixels, type LocalWebPixels } from "./shopify/admin-api/web-pixels.ts";
import { type AdminTrouble, answerGraphql, type Resolvers } from "./shopify/answer-graphql.ts";
import { answerTokenRequest, type TokenContext } from "./shopify/answer-token-request.ts";
import { createWebhookSender, type WebhookSender } from "./shopify/deliver-webhooks.ts";
import { frameUrl, renderHostPage, shopDomain } from "./shopify/host-page.ts";
import { createInstalledShops, type InstalledShops } from "./shopify/installed-shops.ts";
import { issueSessionToken } from "./shopify/session-token.ts";
import { createShopRecords, type ShopRecords } from "./shopify/shop-records.ts";
import { createStorefront, type Storefront } from "./storefront/storefront.ts";

export interface LocalShopifyOptions {
  apiKey: string;
  /** One, or current and previous while rotating: the first signs webhooks and session tokens. */
  apiSecret: string | string[];
  /** Origin of the app; may be set later, since the app wants this server's URL first. */
  appUrl?: string;
  port?: number;
  scopes?: string;
  /** The public key of the app, as its developer gave it to Shopify. */
  appKey?: KeyObject;
  /** The app's version at Shopify has the theme extension, as after `shopify app deploy`. */
  hasThemeExtension?: boolean;
  /** Multiplies the waits between webhook retries. Default 1: four hours. */
  timeScale?: number;
  /** Connections to the app at most; default 64. */
  connections?: number;
  /** The orders and customers of the stores, where a test has made them. */
  records?: ShopRecords;
  /** Further root fields of the Admin API, by name. */
  resolvers?: Resolvers;
  now?: () => number;
}

export interface LocalShopify {
  /** The value of SHOPIFY_SANDBOX_URL. */
  url: string;
  setAppUrl(appUrl: string): void;
  installedShops: InstalledShops;
  /**
   * Sets the scopes that the Admin API lists from now on; null: requests for the installation fail.
   */
  listScopes(granted: string | null): void;
  /** The charges requested from shops, and those paid. */
  billing: LocalBilling;
  /** The orders that the Admin API counts, including those sent by `orders/create`. */
  orderCounts: OrderCounts;
  deliver: WebhookSender["deliver"];
  send: WebhookSender["send"];
  drain: WebhookSender["drain"];
  /** Ends the shop's tokens, then sends `app/uninstalled`. */
  uninstall(shop: string): ReturnType<WebhookSender["deliver"]>;
  sessionToken(shop: string, claims?: Record<string, unknown>): string;
  /** Address of an admin page as Shopify puts it into the frame; `path` is what follows `/app`. */
  frameUrl(shop: string, path?: string): string;
  /** Orders and customers that the Admin API knows of every shop. */
  records: ShopRecords;
  /** The metafield of the app's installation at a shop; undefined if there is none. */
  metafieldOf: AppMetafields["valueOf"];
  putMetafield: AppMetafields["put"];
  /** The web pixels of the stores. */
  webPixels: LocalWebPixels;
  /** The online stores of the installed shops, at `/storefront/<shop>/`. */
  storefront: Storefront;
  /** The next requests for the shop's Admin API fail so, one after the other. */
  trouble(shop: string, next: AdminTrouble[]): void;
  /** Every request the app made, without bodies. */
  calls: { method: string; path: string; shop: string | null; status: number }[];
  close(): Promise<void>;
}

interface Context extends TokenContext {
  /** Whether the theme of a shop has the app embed switched on; null: there is none to switch on. */
  hasEmbed: ((domain: string) => boolean) | null;
  secret: string;
  resolvers: Resolvers;
  troubles: Map<string, AdminTrouble[]>;
  appUrl: string;
}

const APP_BRIDGE_FILE = new URL("./app-bridge.js", import.meta.url);
/** The scopes that the app requests by default. */
const SCOPES = "read_orders,read_customers,read_products,write_pixels,read_customer_events";
const NOT_KEPT = { "cache-control": "no-store" };

/** A token acts as the merchant: another page that is open beside must not get one. */
function forAppAlone({ appUrl }: Context) {
  const origin = URL.canParse(appUrl) ? new URL(appUrl).origin : "null";
  return { ...NOT_KEPT, "access-control-allow-origin": origin, vary: "Origin" };
}

function answerAppBridge(): Answer {
  const headers = { ...NOT_KEPT, "content-type": "text/javascript; charset=utf-8" };
  return { status: 200, headers, text: readFileSync(APP_BRIDGE_FILE, "utf8") };
}

function tokenFor(context: Context, shop: string, claims: Record<string, unknown> = {}): string {
  const { apiKey, secret, now } = context;
  return issueSessionToken({ shop, apiKey, secret, nowMs: now(), claims });
}

/** Pages and scripts for the browser. */
function answerBrowser(context: Context, { url }: SandboxRequest): Answer | undefined {
  if (url.pathname === "/app-bridge.js") return answerAppBridge();
  if (url.pathname === "/session-token") {
    const shop = shopDomain(url.searchParams.get("shop") ?? "");
    return { status: 200, headers: forAppAlone(context), json: { token: tokenFor(context, shop) } };
  }
  if (url.pathname === "/app-extensions") {
    const json = listExtensions(context, shopDomain(url.searchParams.get("shop") ?? ""));
    return { status: 200, headers: forAppAlone(context), json };
  }
  const [, store, path = ""] =
    /^\/store\/([a-z0-9][a-z0-9.-]*)\/apps\/pinrelay(\/.*)?$/.exec(url.pathname) ?? [];
  if (store === undefined) return undefined;
  const frame = { ...context, nowMs: context.now() };
  return { status: 200, text: renderHostPage(frame, shopDomain(store), path, url.search) };
}

/** What App Bridge says of the app's extensions in a shop's themes. */
function listExtensions({ hasEmbed }: Context, shop: string): object[] {
  if (hasEmbed === null) return [];
  const handle = "pinrelay-tag";
  const status = hasEmbed(shop) ? "active" : "available";
  const block = { handle, name: "Pinrelay", target: "head", status, activations: [] };
  return [{ handle, type: "theme_app_extension", activations: [block] }];
}

/** Calls of the app that were meant for a shop's own host. */
function answerShop(context: Context, request: SandboxRequest): Answer {
  const shop = request.headers["x-shopify-shop-domain"];
  if (typeof shop !== "string") return { status: 404, json: { errors: "Not Found" } };
  if (request.method !== "POST") return { status: 405, json: { errors: "Method Not Allowed" } };
  const { pathname } = request.url;
  if (pathname === "/admin/oauth/access_token") return answerTokenRequest(context, shop, request);
  if (/^\/admin\/api\/[^/]+\/graphql\.json$/.test(pathname)) {
    return answerGraphql(context, shop, request);
  }
  return { status: 404, json: { errors: "Not Found" } };
}

/** The body of `app/uninstalled`: the shop, as the REST resource has it. */
function uninstalledBody(shop: string, shops: InstalledShops): object {
  const known = shops.get(shop);
  return {
    id: known?.id ?? 0,
    name: known?.name ?? shop,
    email: known?.contactEmail ?? null,
    domain: known?.primaryDomain ?? shop,
    country: known?.countryCode ?? "US",
    currency: known?.currencyCode ?? "USD",
    iana_timezone: known?.ianaTimezone ?? null,
    plan_name: "partner_test",
    myshopify_domain: shop,
  };
}

interface ToldOrder {
  id?: number | string | bigint;
  processed_at?: string;
  created_at?: string;
  test?: boolean;
}

/** A store has the orders that it tells of. */
function noteOrder(counts: OrderCounts, topic: string, shop: string, body: string | object): void {
  if (topic !== "orders/create") return;
  const order = readOrder(body);
  if (order === null) return;
  const processedAt = order.processed_at ?? order.created_at;
  if (typeof processedAt !== "string" || order.id === undefined) return;
  const { id, created_at: createdAt = processedAt, test = false } = order;
  // A number past 2^53 is raw JSON, which only JSON can write.
  const digits = JSON.stringify(typeof id === "bigint" ? String(id) : id).replaceAll('"', "");
  counts.place(shop, { id: digits, processedAt, createdAt, test });
}

/** Returns null for a body that a test broke. */
function readOrder(body: string | object): ToldOrder | null {
  if (typeof body === "object") return body as ToldOrder;
  try {
    return JSON.parse(body) as ToldOrder | null;
  } catch {
    return null;
  }
}

/** A local Shopify on loopback: sends signed webhooks, and answers what the app asks a shop's host. */
export async function startLocalShopify(options: LocalShopifyOptions): Promise<LocalShopify> {
  const secrets = [options.apiSecret].flat();
  const { now = Date.now, scopes = SCOPES } = options;
  const billing = createBilling(() => server.url);
  let granted: string | null = scopes;
  const orderCounts = createOrderCounts();
  const metafields = createMetafieldResolvers();
  const { records = createShopRecords() } = options;
  const webPixels = createWebPixels();
  const context: Context = {
    apiKey: options.apiKey,
    secrets,
    secret: secrets[0] ?? "",
    // What it lists is what it grants; where it fails to list, what it was asked for.
    get scopes() {
      return granted ?? scopes;
    },
    shops: createInstalledShops(now),
    // Looked up for each call: a test may put another answer in place of one.
    get resolvers() {
      return joinResolvers(
        createScopeResolvers(() => granted),
        createProductResolvers(),
        orderCounts.resolvers,
        records.resolvers,
        metafields.resolvers,
        billing.resolvers,
        webPixels.resolvers,
        options.resolvers ?? {},
      );
    },
    troubles: new Map(),
    appKey: options.appKey ?? null,
    usedAssertions: new Set(),
    appUrl: options.appUrl ?? "",
    now,
    hasEmbed: options.hasThemeExtension ? (domain) => storefront.hasEmbed(domain) : null,
  };
  const calls: LocalShopify["calls"] = [];
  const server = await startLocalServer(async (request) => {
    const page =
      records.bulk.answerFile(request) ??
      (await storefront.answer(request)) ??
      billing.answerPage(request) ??
      (request.method === "GET" ? answerBrowser(context, request) : undefined);
    if (page !== undefined) return page;
    const answer = answerShop(context, request);
    const shop = request.headers["x-shopify-shop-domain"];
    const { method, url } = request;
    calls.push({
      method,
      path: url.pathname,
      shop: shop?.toString() ?? null,
      status: answer.status,
    });
    return answer;
  }, options.port);
  records.bulk.setUrl(server.url);
  const sender = createWebhookSender({
    secret: context.secret,
    target: () => new URL("/webhooks", context.appUrl).href,
    timeScale: options.timeScale ?? 1,
    connections: options.connections ?? 64,
  });
  const deliver: WebhookSender["deliver"] = (topic, shop, body, deliverOptions) => {
    noteOrder(orderCounts, topic, shop, body);
    return sender.deliver(topic, shop, body, deliverOptions);
  };
  const storefront = createStorefront({
    url: () => server.url,
    appUrl: () => context.appUrl,
    findShop: context.shops.get,
    pixelSettings: (domain) => webPixels.of(domain)?.settings ?? null,
    metafield: metafields.valueOf,
    deliver,
    records,
  });
  return {
    url: server.url,
    calls,
    storefront,
    metafieldOf: metafields.valueOf,
    putMetafield: metafields.put,
    records,
    webPixels,
    trouble: (shop, next) => void context.troubles.set(shop, [...next]),
    installedShops: context.shops,
    billing,
    listScopes: (listed) => {
      granted = listed;
    },
    orderCounts,
    setAppUrl: (appUrl) => {
      context.appUrl = appUrl;
    },
    deliver,
    send(topic, shop, body, deliverOptions) {
      noteOrder(orderCounts, topic, shop, body);
      sender.send(topic, shop, body, deliverOptions);
    },
    drain: sender.drain,
    uninstall(shop) {
      const body = uninstalledBody(shop, context.shops);
      context.shops.remove(shop);
      webPixels.disconnect(shop);
      return sender.deliver("app/uninstalled", shop, body);
    },
    sessionToken: (shop, claims) => tokenFor(context, shop, claims),
    frameUrl: (shop, path = "") => frameUrl({ ...context, nowMs: now() }, shop, path),
    close: async () => {
      await sender.close();
      await server.close();
    },
  };
}
