import { readFileSync } from "node:fs";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { shopSettings } from "#app/events/shop-settings.ts";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests take Shopify's bodies apart freely
export type Body = Record<string, any>;

/** Ten minutes after the fixtures' order was placed. */
export const NOW = Date.parse("2026-11-24T09:08:02Z") / 1000;
/** An hour after the documented samples were made. */
export const SAMPLE_NOW = Date.parse("2022-01-01T01:00:00Z") / 1000;

export function fixture(name: string): Body {
  return JSON.parse(readFileSync(`test/fixtures/shopify/${name}.json`, "utf8"));
}

/** A paid order of a web shop, with whatever differs. */
export function webOrder(changes: Body = {}): Body {
  return { ...fixture("web-order"), ...changes };
}

export function buildPolicy(settings: Body = {}, shop: Partial<ShopPolicy> = {}): ShopPolicy {
  return {
    shopDomain: "demo.myshopify.com",
    primaryDomain: "shop.example",
    countryCode: "US",
    settings: shopSettings.parse(settings),
    ...shop,
  };
}

export function read(topic: string, body: unknown) {
  return readWebhook(topic, Buffer.from(JSON.stringify(body)));
}

/** What a webhook becomes; null when it feeds no event. */
export function mapWebhook(
  topic: string,
  body: Body,
  policy: ShopPolicy = buildPolicy(),
  nowSeconds = NOW,
): MappedEvent | null {
  const webhook = read(topic, body);
  if (webhook.kind !== "store_event") throw new Error(JSON.stringify(webhook));
  return mapStoreEvent(webhook.event, policy, nowSeconds);
}

export function mapOrderBody(changes: Body = {}, settings: Body = {}, now = NOW): MappedEvent {
  const mapped = mapWebhook("orders/create", webOrder(changes), buildPolicy(settings), now);
  if (mapped === null) throw new Error("fed no event");
  return mapped;
}

export function sentEvent(mapped: MappedEvent | null) {
  if (mapped?.outcome.kind !== "send") throw new Error(JSON.stringify(mapped));
  return mapped.outcome.event;
}

export function skipReason(mapped: MappedEvent | null): string | null {
  return mapped?.outcome.kind === "skip" ? mapped.outcome.reason : null;
}
