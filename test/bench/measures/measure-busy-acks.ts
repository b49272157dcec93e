import { awaitAccepted } from "../await-accepted.ts";
import type { Installation } from "../installation.ts";
import type { OrderSource } from "../order-source.ts";
import { FEW_CONNECTIONS, PINTEREST_LATENCY_MS, type Sizes } from "../sizes.ts";
import { startProcess } from "../start-process.ts";
import {
  type AckRate,
  type Contender,
  medianOf,
  ratioOf,
  runRound,
  sendToAll,
} from "./run-contenders.ts";

export interface BusyAcks {
  rounds: number;
  connections: number;
  app: AckRate;
  plain: AckRate;
  ratio_to_plain: number;
}

const DRAINED_WITHIN_MS = 5 * 60_000;

/**
 * Acknowledged webhooks a second by a process that delivers all the while, beside the plain server,
 * which delivers nothing. The plain server has its turn when all is delivered.
 */
export async function measureBusyAcks(
  installation: Installation,
  orders: OrderSource,
  sizes: Sizes["busyAcks"],
): Promise<BusyAcks> {
  await installation.clear();
  const pinterest = await startProcess<{ url: string }>("local-pinterest.ts", {
    LATENCY_MS: String(PINTEREST_LATENCY_MS),
  });
  const server = await installation.startApp({ PINTEREST_API_URL: pinterest.ready.url });
  const plainServer = await startProcess<{ url: string }>("plain-transaction.ts", installation.env);
  const enter = ({ url, pid }: Contender["servers"][number]): Contender => ({
    servers: [{ url, pid }],
    connections: FEW_CONNECTIONS,
    webhooks: sizes.webhooks,
    sign: orders.sign,
    rounds: [],
    bodyBytes: 0,
  });
  const app = enter(server);
  const plain = enter({ ...plainServer.ready, pid: plainServer.pid });
  let sent = 0;
  const drain = async () => {
    sent += sizes.webhooks;
    await awaitAccepted(pinterest, sent, DRAINED_WITHIN_MS);
  };
  try {
    for (const contender of [plain, app]) {
      const warmUp = orders.sign(sizes.webhooks, installation.shops);
      await sendToAll(
        contender,
        warmUp.map(({ request }) => request),
      );
    }
    await drain();
    for (let round = 0; round < sizes.rounds; round += 1) {
      await runRound(installation, plain);
      await runRound(installation, app);
      await drain();
    }
  } finally {
    await Promise.all([server.kill("SIGTERM"), plainServer.stop(), pinterest.stop()]);
  }
  return {
    rounds: sizes.rounds,
    connections: FEW_CONNECTIONS,
    app: medianOf(app),
    plain: medianOf(plain),
    ratio_to_plain: ratioOf(app, plain),
  };
}
