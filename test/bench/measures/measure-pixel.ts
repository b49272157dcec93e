import type { Installation } from "../installation.ts";
import { type Load, sendLoad } from "../load-client.ts";
import type { OrderSource } from "../order-source.ts";
import { createPixelSource, type PixelSource } from "../pixel-source.ts";
import type { LoadQuestion } from "../processes/send-load.ts";
import { median, quantile, round } from "../quantile.ts";
import { CONNECTIONS, FEW_CONNECTIONS, type Sizes } from "../sizes.ts";
import { startProcess } from "../start-process.ts";
import {
  type AckRate,
  type Contender,
  medianOf,
  ratioOf,
  runRound,
  sendToAll,
} from "./run-contenders.ts";

export interface Pixel {
  rounds: number;
  connections: number;
  body_bytes: number;
  app: AckRate;
  plain: AckRate;
  ratio_to_plain: number;
  /** At 1,000 events a second. */
  steady: { per_second: number; p50_ms: number; p99_ms: number };
  /** Webhooks while nothing else comes, and while these events do, in turns. */
  webhooks: Beside & { per_second: number; with_one_forger: P99; with_forgers: P99 };
  /** What the same load does to webhooks where plain servers take both. */
  plain_webhooks: Beside;
}

interface Beside {
  alone: P99;
  with_pixel: P99;
  /** By how much the events move the webhooks' p99: the middle of the turns' ratios. */
  moved_percent: number;
}

interface P99 {
  p50_ms: number;
  p99_ms: number;
  /** Events of browsers that were answered meanwhile, a second. */
  pixel_per_second: number;
}

const STEADY_PER_SECOND = 1_000;
const FORGED_PER_SECOND = 10_000;
const WEBHOOKS_PER_SECOND = 200;
const DEADLINE_MS = 120_000;

/**
 * Events of shoppers' browsers that are stored a second, beside a plain server; how soon they are
 * answered at a steady rate; and how much later webhooks are answered meanwhile, and while somebody
 * sends forged events.
 */
export async function measurePixel(
  installation: Installation,
  orders: OrderSource,
  sizes: Sizes["pixel"],
): Promise<Pixel> {
  await installation.clear();
  const source = await createPixelSource(installation);
  const server = await installation.startApp({ PINRELAY_ROLE: "web", TRUST_PROXY: "127.0.0.1" });
  const plainServer = await startProcess<{ url: string }>("plain-pixel.ts", installation.env);
  const enter = ({ url, pid }: Contender["servers"][number]): Contender => ({
    servers: [{ url, pid }],
    connections: CONNECTIONS,
    webhooks: sizes.events,
    sign: (count) => source.make(count) as ReturnType<Contender["sign"]>,
    rounds: [],
    bodyBytes: 0,
  });
  const app = enter(server);
  const plain = enter({ ...plainServer.ready, pid: plainServer.pid });
  try {
    for (const contender of [plain, app]) {
      const warmUp = source.make(sizes.events).map(({ request }) => request);
      await sendToAll(contender, warmUp);
    }
    for (let n = 0; n < sizes.rounds; n += 1) {
      await runRound(installation, plain);
      await runRound(installation, app);
    }
    const steady = await sendSteadily(server.url, source, sizes.seconds);
    return {
      rounds: sizes.rounds,
      connections: CONNECTIONS,
      body_bytes: app.bodyBytes,
      app: medianOf(app),
      plain: medianOf(plain),
      ratio_to_plain: ratioOf(app, plain),
      steady: { per_second: STEADY_PER_SECOND, ...toQuantiles(steady) },
      ...(await measureWebhooks({ installation, orders, source, sizes }, server.url, plain)),
    };
  } finally {
    await Promise.all([server.kill("SIGTERM"), plainServer.stop()]);
  }
}

function sendSteadily(url: string, source: PixelSource, seconds: number): Promise<Load> {
  const requests = source.make(STEADY_PER_SECOND * seconds).map(({ request }) => request);
  const connections = FEW_CONNECTIONS;
  return sendLoad(requests, {
    url,
    connections,
    perSecond: STEADY_PER_SECOND,
    deadlineMs: DEADLINE_MS,
  });
}

interface WebhookSources {
  installation: Installation;
  orders: OrderSource;
  source: PixelSource;
  sizes: Sizes["pixel"];
}

/** Where webhooks go, and what browsers send. */
interface Urls {
  webhooks: string;
  pixel: string;
}

async function measureWebhooks(
  { installation, orders, source, sizes: { rounds, seconds } }: WebhookSources,
  url: string,
  plainPixel: Contender,
): Promise<Pick<Pixel, "webhooks" | "plain_webhooks">> {
  const client = await startProcess<string>("send-load.ts", {});
  const plainServer = await startProcess<{ url: string }>("plain-transaction.ts", installation.env);
  const app = { webhooks: url, pixel: url };
  const plain = { webhooks: plainServer.ready.url, pixel: plainPixel.servers[0]?.url ?? "" };
  const limits = { connections: FEW_CONNECTIONS, deadlineMs: DEADLINE_MS };

  async function beside(to: Urls, events: readonly Buffer[], perSecond: number): Promise<P99> {
    const webhooks = orders.sign(WEBHOOKS_PER_SECOND * seconds, installation.shops);
    const requests = webhooks.map(({ request }) => request);
    const options = { ...limits, url: to.webhooks, perSecond: WEBHOOKS_PER_SECOND };
    const [load, pixel] = await Promise.all([
      client.ask<Load>({ requests, options } satisfies LoadQuestion),
      events.length === 0 ? null : sendLoad(events, { ...limits, url: to.pixel, perSecond }),
    ]);
    const rate = pixel === null ? 0 : Math.round(events.length / pixel.seconds);
    return { ...toQuantiles(load), pixel_per_second: rate };
  }

  async function besideSteady(to: Urls): Promise<Turn> {
    const alone = await beside(to, [], 0);
    const events = source.make(STEADY_PER_SECOND * seconds).map(({ request }) => request);
    return { alone, withPixel: await beside(to, events, STEADY_PER_SECOND) };
  }

  const forged = FORGED_PER_SECOND * seconds;
  const ofApp: Turn[] = [];
  const ofPlain: Turn[] = [];
  try {
    for (const to of [plain, app]) await besideSteady(to);
    for (let n = 0; n < rounds; n += 1) {
      ofPlain.push(await besideSteady(plain));
      ofApp.push(await besideSteady(app));
    }
    return {
      webhooks: {
        per_second: WEBHOOKS_PER_SECOND,
        ...summarise(ofApp),
        with_one_forger: await beside(app, source.forge(forged, "198.51.100.1"), FORGED_PER_SECOND),
        with_forgers: await beside(app, source.forge(forged), FORGED_PER_SECOND),
      },
      plain_webhooks: summarise(ofPlain),
    };
  } finally {
    await Promise.all([client.stop(), plainServer.stop()]);
  }
}

interface Turn {
  alone: P99;
  withPixel: P99;
}

function summarise(turns: readonly Turn[]): Beside {
  const ratios = turns.map(({ alone, withPixel }) => withPixel.p99_ms / alone.p99_ms);
  return {
    alone: middleOf(turns.map(({ alone }) => alone)),
    with_pixel: middleOf(turns.map(({ withPixel }) => withPixel)),
    moved_percent: Math.round((median(ratios) - 1) * 100),
  };
}

function middleOf(turns: readonly P99[]): P99 {
  const of = (key: keyof P99) => median(turns.map((turn) => turn[key]));
  return { p50_ms: of("p50_ms"), p99_ms: of("p99_ms"), pixel_per_second: of("pixel_per_second") };
}

function toQuantiles({ latenciesMs }: Load): { p50_ms: number; p99_ms: number } {
  return { p50_ms: round(quantile(latenciesMs, 0.5)), p99_ms: round(quantile(latenciesMs, 0.99)) };
}
