import type { LocalShop } from "../shopify/installed-shops.ts";
import type { PinterestPixel } from "./browser/page-facts.ts";
import { createShopFloor, type ShopFloor } from "./shop-floor.ts";

/** How a shop behaves; a test may have it otherwise. */
export interface StorefrontPlan {
  /** The webhooks of an order, and of a new customer: sent as it is paid, before its page is answered, or when a test says so. */
  orderWebhooks: "at_once" | "before_page" | "held";
  /** Stores answer with either form of an order's id. */
  orderIdForm: "digits" | "gid";
  pinterestPixel: PinterestPixel | null;
  /** The shopper's address in the internet. */
  ip: string;
  /** The theme has the app embed switched on. */
  hasEmbed: boolean;
  /** What the merchant has pasted into the theme: a script of Pinterest's, say. */
  themeScript: string;
}

const USUAL: StorefrontPlan = {
  orderWebhooks: "at_once",
  orderIdForm: "digits",
  pinterestPixel: null,
  ip: "203.0.113.24",
  hasEmbed: true,
  themeScript: "",
};

/** One shop with what its pages need to know. */
export interface OpenShop {
  floor: ShopFloor;
  plan: StorefrontPlan;
  /** `/storefront/demo/` */
  root: string;
  held: (() => Promise<void>)[];
}

export function openShop(shop: LocalShop): OpenShop {
  const name = shop.domain.replace(".myshopify.com", "");
  const floor = createShopFloor(shop);
  return { floor, plan: { ...USUAL }, root: `/storefront/${name}/`, held: [] };
}
