import { setTimeout as wait } from "node:timers/promises";
import { SECRET } from "#test/processes/sandbox-app.ts";
import { createWebhookSender } from "#test/sandbox/shopify/deliver-webhooks.ts";
import type { Webhook } from "../ledger-client.ts";

export interface PacedLoad {
  sent: number;
  acknowledged: number;
  /** Webhooks that needed a second try, for whatever reason. */
  repeated: number;
  /** Answers other than 200, by what they were: a status, or "none". */
  refused: Map<string, number>;
  /** What was reached: less than asked for where the machine could not carry it. */
  perSecond: number;
  latenciesMs: number[];
}

export interface PacedOptions {
  /** Those of the processes that a load balancer would send to at this moment. */
  urls: () => readonly string[];
  next: () => Webhook;
  perSecond: number;
  /** Ends the load when it is aborted. */
  until: AbortSignal;
}

const TICK_MS = 5;
/** So many seconds' webhooks wait for answers at most: a machine that has more is not up to the load. */
const MOST_UNDER_WAY_S = 2;
const CONNECTIONS = 128;
const TRIES = 9;
/** Sent again at once, what an overloaded machine refuses would be sent ever more often. */
const RETRY_MS = 2_000;

/**
 * So many webhooks a second, over kept connections; one that is not
 * acknowledged comes again, as Shopify's do. A kept connection that the app has closed is no answer
 * and no refusal, so it counts as repeated alone.
 */
export async function sendPaced({
  urls,
  next,
  perSecond,
  until,
}: PacedOptions): Promise<PacedLoad> {
  const load: PacedLoad = {
    sent: 0,
    acknowledged: 0,
    repeated: 0,
    refused: new Map(),
    perSecond: 0,
    latenciesMs: [],
  };
  let turn = 0;
  const sender = createWebhookSender({
    secret: SECRET,
    target: () => {
      const list = urls();
      turn += 1;
      return `${list[turn % list.length]}/webhooks`;
    },
    timeScale: 0,
    connections: CONNECTIONS,
  });

  async function send({ id, topic, shop, body }: Webhook): Promise<void> {
    load.sent += 1;
    const startedAt = performance.now();
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const given = { webhookId: id, eventId: id, retries: 0 };
      const { status } = await sender.deliver(topic, shop, body, given);
      if (status === 200) {
        load.acknowledged += 1;
        load.latenciesMs.push(performance.now() - startedAt);
        return;
      }
      if (tries === 1) load.repeated += 1;
      const answer = String(status ?? "none");
      load.refused.set(answer, (load.refused.get(answer) ?? 0) + 1);
      await wait(RETRY_MS);
    }
  }

  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let owed = 0;
  for (let before = startedAt; !until.aborted; ) {
    const now = performance.now();
    owed += ((now - before) / 1_000) * perSecond;
    before = now;
    for (; owed >= 1 && underWay.size < perSecond * MOST_UNDER_WAY_S; owed -= 1) {
      const sending: Promise<void> = send(next()).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
    if (owed >= 1) owed = 0;
    await wait(TICK_MS);
  }
  load.perSecond = load.sent / ((performance.now() - startedAt) / 1_000);
  await Promise.all(underWay);
  await sender.close();
  return load;
}
