import type { Answer, SandboxRequest } from "../local-server.ts";
import type { Delivery } from "../shopify/deliver-webhooks.ts";
import type { LocalShop } from "../shopify/installed-shops.ts";
import type { ShopRecords } from "../shopify/shop-records.ts";
import { answerShopper } from "./answer-shopper.ts";
import type { DeclaredPixel } from "./browser/web-pixels-manager.ts";
import { type OpenShop, openShop, type StorefrontPlan } from "./open-shop.ts";
import { createSaleSender } from "./send-sale.ts";
import type { ShopFloor } from "./shop-floor.ts";
import { answerAsset, readPixelPermissions } from "./storefront-assets.ts";
import { createWayToApp, type SentBody } from "./way-to-app.ts";

/** The online stores of the local Shopify. */
export interface Storefront {
  /** Undefined for a request that is not for it. */
  answer(request: SandboxRequest): Promise<Answer | undefined>;
  /** Address of a page: `url("demo.myshopify.com", "products/linen-apron")`. */
  url(shop: string, path?: string): string;
  plan(shop: string, changes: Partial<StorefrontPlan>): void;
  /** Whether the shop's theme has the app embed switched on. */
  hasEmbed(shop: string): boolean;
  /** Sends the webhooks that were held back. */
  releaseWebhooks(shop: string): Promise<void>;
  floor(shop: string): ShopFloor;
  /** Every body that a pixel sent, in order, with the app's answer. */
  readonly bodies: SentBody[];
  /** Every webhook that the stores sent, in order, with the app's last answer. */
  readonly deliveries: Delivery[];
}

export interface StorefrontHost {
  /** The local Shopify's own address. */
  url(): string;
  appUrl(): string;
  findShop(domain: string): LocalShop | undefined;
  /** The settings with which the app activated its pixel in this shop; null: it did not. */
  pixelSettings(domain: string): Record<string, unknown> | null;
  metafield(domain: string, place: string): string | undefined;
  deliver(topic: string, shop: string, body: object): Promise<Delivery>;
  records: ShopRecords;
}

export function createStorefront(host: StorefrontHost): Storefront {
  const shops = new Map<string, OpenShop>();
  const deliveries: Delivery[] = [];
  const sender = createSaleSender(async (topic, shop, body) => {
    deliveries.push(await host.deliver(topic, shop, body));
  }, host.records);
  const way = createWayToApp(host.appUrl);

  function open(domain: string): OpenShop {
    const known = shops.get(domain);
    if (known !== undefined) return known;
    const shop = host.findShop(domain);
    if (shop === undefined) throw new Error(`no shop ${domain} is installed`);
    const opened = openShop(shop);
    shops.set(domain, opened);
    return opened;
  }

  /** The pixel as Shopify declares it to a shopper's page. */
  function declarePixel(domain: string, ip: string): DeclaredPixel | null {
    const settings = host.pixelSettings(domain);
    if (settings === null) return null;
    const endpoint = way.through(host.url(), ip, String(settings.endpoint));
    const script = new URL("/storefront/assets/web-pixel.js", host.url()).href;
    return { script, permissions: readPixelPermissions(), settings: { ...settings, endpoint } };
  }

  return {
    bodies: way.bodies,
    deliveries,
    floor: (domain) => open(domain).floor,
    url: (domain, path = "") => new URL(`${open(domain).root}${path}`, host.url()).href,
    plan: (domain, changes) => void Object.assign(open(domain).plan, changes),
    hasEmbed: (domain) => open(domain).plan.hasEmbed,
    async releaseWebhooks(domain) {
      for (const release of open(domain).held.splice(0)) await release();
    },
    async answer(request) {
      const { pathname } = request.url;
      if (way.isFor(pathname)) return way.answer(request);
      const [, name, path] = /^\/storefront\/([a-z0-9-]+)(?:\/(.*))?$/.exec(pathname) ?? [];
      if (name === undefined) return undefined;
      if (name === "assets") return answerAsset(path ?? "");
      const domain = `${name}.myshopify.com`;
      if (host.findShop(domain) === undefined) return { status: 404, text: "No such shop" };
      if (path === undefined) return { status: 302, headers: { location: `${pathname}/` } };
      const parts = { sender, declarePixel, metafield: host.metafield };
      return answerShopper(open(domain), parts, request, path);
    },
  };
}
