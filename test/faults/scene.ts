import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SECRET } from "#test/processes/sandbox-app.ts";
import { createRandom, type Random } from "#test/sandbox/sample-random.ts";
import { eventually } from "#test/support/poll.ts";
import type { Installation } from "./installation.ts";
import { type LedgerClient, startLedgerClient, type Webhook } from "./ledger-client.ts";
import { type Expected, orderTraffic } from "./order-traffic.ts";
import { makeSceneShops, type SceneShop } from "./scene-shops.ts";

/** One cell at work: shops and ad accounts that no other cell has, and the load on them. */
export interface Scene {
  installation: Installation;
  random: Random;
  shops: SceneShop[];
  client: LedgerClient;
  /** What must become of each webhook, by its id. */
  expected: Map<string, Expected>;
  clockBehindSeconds?: number;
  /** The defence that the cell is about has been taken away. */
  isPlanted: boolean;
  /** What was settled in this time, in ms since 1970, the database has forgotten by a restore. */
  forgotten?: { from: number; until: number };
  /** Lets the load go on until a moment that the seed decides. */
  untilSomeMoment(): Promise<void>;
  /** Resolves when Pinterest has a batch of these shops in hand. */
  untilBatchIsUnderWay(): Promise<void>;
}

export interface Load {
  shops?: number;
  connections?: number;
  pauseMs?: number;
  /** What is sent, in place of orders without end; null ends it. */
  traffic?: (
    scene: Pick<Scene, "installation" | "shops" | "random" | "expected">,
  ) => () => Webhook | null;
}

/** Four hours of Shopify's retries in half a minute. */
const TIME_SCALE = 0.002;
const SHOPS = 6;

let scenes = 0;

export async function openScene(
  installation: Installation,
  seed: number,
  load: Load,
  isPlanted = false,
): Promise<Scene> {
  scenes += 1;
  const random = createRandom(seed);
  const shops = await makeSceneShops(installation, load.shops ?? SHOPS);
  const expected = new Map<string, Expected>();
  const next =
    load.traffic?.({ installation, shops, random, expected }) ??
    orderTraffic(shops, random, expected);
  const client = startLedgerClient({
    secret: SECRET,
    urls: installation.webs.map(({ url }) => url),
    file: path.join(installation.folder.dataDir, "..", `acknowledged-${scenes}`),
    next,
    connections: load.connections ?? 12,
    pauseMs: load.pauseMs ?? 50,
    timeScale: TIME_SCALE,
  });
  const accounts = new Set(shops.map(({ adAccountId }) => adAccountId));
  const { requests } = installation.pinterest.ledger;
  return {
    installation,
    random,
    shops,
    client,
    expected,
    isPlanted,
    async untilSomeMoment() {
      await client.untilMore(random.integer(20, 80));
      await wait(random.integer(0, 40));
    },
    async untilBatchIsUnderWay() {
      await eventually(() =>
        requests.some(
          ({ status, endedAt, adAccountId }) =>
            status === null && endedAt === null && accounts.has(adAccountId),
        ),
      );
    },
  };
}
