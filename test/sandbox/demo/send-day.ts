import { setTimeout as wait } from "node:timers/promises";
import { type SampleWebhook, sampleDay } from "../sample-day.ts";
import type { DemoShop } from "./install-demo-shop.ts";
import type { Stack } from "./start-stack.ts";

/** The sent webhooks, and the app's answers. */
export interface SentDay {
  webhooks: SampleWebhook[];
  /** Webhooks whose last answer was not 200. */
  unanswered: number;
  /** Orders, checkouts and customers that the webhooks speak of, each once. */
  sources: number;
  /** Orders among them. */
  orders: number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Orders of the day. */
export const ORDERS = 60;
const SEED = 20_261_124;
const PAUSE_MS = 40;
/** Parts of the day between which the local Pinterest is down. */
const OUTAGE = { from: 0.4, to: 0.6 };

/** The webhooks of the day before `nowMs`, oldest first; the same people and orders every time. */
export function demoDay(nowMs: number): SampleWebhook[] {
  return sampleDay({ seed: SEED, start: new Date(nowMs - DAY_MS), count: ORDERS });
}

/**
 * Sends yesterday's webhooks, one after the other. One order is refused by Pinterest whatever it is
 * sent with, and for a fifth of the day Pinterest is down.
 */
export async function sendDay(stack: Stack, shop: DemoShop, say: Say): Promise<SentDay> {
  const webhooks = demoDay(Date.now());
  const poison = webhooks.find(({ note }) => note === "poison")?.conversionEventId;
  if (poison !== undefined) stack.pinterest.fail({ kind: "poison", eventId: poison });
  let unanswered = 0;
  for (const [index, webhook] of webhooks.entries()) {
    if (index === Math.floor(webhooks.length * OUTAGE.from)) {
      stack.pinterest.fail({ kind: "status", status: 503, adAccountId: shop.adAccountId });
      say("Pinterest is down: it answers 503. Webhooks are taken all the same.");
    }
    if (index === Math.floor(webhooks.length * OUTAGE.to)) {
      stack.pinterest.heal(shop.adAccountId);
      say("Pinterest is back. What waited is sent again, under the same ids.");
    }
    if (!(await sendWebhook(stack, shop.domain, webhook))) unanswered += 1;
    await wait(PAUSE_MS);
  }
  const sources = new Set(webhooks.map(sourceOf));
  const orders = [...sources].filter((source) => source.startsWith("orders ")).length;
  return { webhooks, unanswered, sources: sources.size, orders };
}

/** Puts the order into the store's Admin API too. True: the app answered 200. */
export async function sendWebhook(
  { shopify }: Pick<Stack, "shopify">,
  domain: string,
  { topic, body, webhookId, eventId, triggeredAt }: SampleWebhook,
): Promise<boolean> {
  if (topic === "orders/create") shopify.records.putOrder(domain, body as OrderBody);
  const options = { webhookId, eventId, triggeredAt };
  const { status } = await shopify.deliver(topic, domain, body, options);
  return status === 200;
}

type OrderBody = Parameters<Stack["shopify"]["records"]["putOrder"]>[1];

export type Say = (text: string) => void;

function sourceOf({ topic, body }: SampleWebhook): string {
  const { admin_graphql_api_id: id, token } = body as Record<string, string | undefined>;
  const resource = topic.split("/")[0];
  return `${resource} ${resource === "checkouts" ? token : id}`;
}
