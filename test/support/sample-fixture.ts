import { readFileSync } from "node:fs";

/** Shopify's own sample body of a webhook topic. */
export function sampleFixture(topic: string): Record<string, unknown> {
  const name = `../fixtures/shopify/2026-07.${topic.replace("/", "_")}.json`;
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
}
