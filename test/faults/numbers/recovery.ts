import { setTimeout as wait } from "node:timers/promises";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { untilDrained } from "#test/processes/until-drained.ts";
import { commitEvents, purchase } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { type Installation, openInstallation } from "../installation.ts";
import { openScene } from "../scene.ts";
import { makeSceneShops } from "../scene-shops.ts";
import type { Figure } from "./figure.ts";

async function withInstallation<T>(work: (made: Installation) => Promise<T>): Promise<T> {
  const installation = await openInstallation();
  return work(installation).finally(() => installation.close());
}

const PATIENT = { deadlineMs: 120_000 };
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** From the death of a worker until all that was acknowledged before it is at Pinterest. */
export function measureWorkerRecovery(seed: number): Promise<Figure[]> {
  return withInstallation(async (installation) => {
    const scene = await openScene(installation, seed, { connections: 24 });
    await scene.untilSomeMoment();
    await installation.arm("request sent");
    await eventually(() => installation.deaths.length === 1, PATIENT);
    const before = scene.client.readAcknowledged();
    const diedAt = installation.deaths[0]?.at ?? 0;
    const { find } = installation.pinterest.ledger;
    const orders = [...scene.expected].filter(([id]) => before.has(id)).map(([, order]) => order);
    await eventually(
      () => orders.every(({ shop, eventId }) => find(shop.adAccountId, eventId) !== undefined),
      PATIENT,
    );
    await scene.client.finish();
    await untilDrained(installation.db, scene.shops);
    const { accepted } = installation.pinterest.ledger;
    const ids = new Set(orders.map(({ eventId }) => eventId));
    const last = Math.max(
      ...accepted.filter(({ eventId }) => ids.has(eventId)).map(({ lastAt }) => lastAt),
    );
    await scene.client.close();
    const tookMs = last - diedAt;
    return [
      {
        what: "after kill -9 of a worker, what it had in hand is at Pinterest",
        value: seconds(tookMs),
        goal: "30 s",
        isReached: tookMs <= 30_000,
      },
    ];
  });
}

/** From when Postgres accepts connections until a webhook is acknowledged and a batch is sent. */
export function measurePostgresRecovery(seed: number): Promise<Figure[]> {
  return withInstallation(async (installation) => {
    const scene = await openScene(installation, seed, { connections: 24 });
    await scene.untilSomeMoment();
    await installation.endPostgres("SIGQUIT");
    await wait(2_000);
    await installation.startPostgres();
    const backAt = Date.now();
    const { requests } = installation.pinterest.ledger;
    const since = requests.length;
    const acknowledged = scene.client.acknowledged();
    await eventually(() => scene.client.acknowledged() > acknowledged, PATIENT);
    const ackMs = Date.now() - backAt;
    await eventually(() => requests.length > since, PATIENT);
    const sentMs = Date.now() - backAt;
    await scene.client.finish();
    await scene.client.close();
    return [
      {
        what: "after a crash of Postgres, from when it accepts connections",
        value: `a webhook is acknowledged after ${seconds(ackMs)}, a batch is sent after ${seconds(sentMs)}`,
        goal: "5 s",
        isReached: Math.max(ackMs, sentMs) <= 5_000,
      },
    ];
  });
}

const BATCH = 1_000;

/** Requests that one event costs which makes Pinterest refuse the whole batch. */
export function measurePoison(): Promise<Figure[]> {
  return withInstallation(async (installation) => {
    const { db, env, pinterest } = installation;
    const [shop] = await makeSceneShops(installation, 1);
    if (shop === undefined) throw new Error("no shop");
    const found = await findShop({ db }, shop.domain);
    if (found === null) throw new Error("no shop");
    const eventId = "order-500-checkout";
    pinterest.fail({ kind: "poison", eventId, as: "refuse_batch", adAccountId: shop.adAccountId });
    const keyring = createKeyring(parseEnv(env).ENCRYPTION_KEYS);
    const connection = { adAccountId: shop.adAccountId, state: "active" } as const;
    const row = { ...found, payloadDays: 9, connection };
    const events = Array.from({ length: BATCH }, (_, n) => purchase(String(n + 1)));
    await commitEvents({ db, keyring }, row, events);
    await untilDrained(db, [shop]);
    const { requests, acceptedCount } = pinterest.ledger;
    return [
      {
        what: "requests that one poison event in 1,000 costs",
        value: `${requests.length}, ${acceptedCount} accepted, the first of ${requests[0]?.ids.length}`,
        goal: "21 for 999",
        isReached: requests.length <= 21 && acceptedCount === BATCH - 1,
      },
    ];
  });
}
