import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";

export type SendServices = ShopTaskServices;

/** Who sends events by hand: the part of the signed-in merchant that matters here. */
export interface SendMerchant {
  shop: { id: bigint; domain: string; lane: number; timeZone: string; currency: string };
  /** `user:<id>` */
  actor: string;
  admin: ShopifyAdmin;
  format: { moment(date: Date): { text: string } };
}

/** The shop as its door knows it. */
export function doorShop({ shop, actor }: Pick<SendMerchant, "shop" | "actor">) {
  return { id: shop.id, domain: shop.domain, lane: shop.lane, actor };
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
