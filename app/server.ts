import http from "node:http";
import { runDelivery } from "#app/delivery/run-delivery.server.ts";
import { scheduleUpkeep } from "#app/outbox/upkeep/schedule-upkeep.server.ts";
import { ConfigError } from "#app/platform/env.server.ts";
import { answerOperations } from "#app/platform/operations.server.ts";
import { createQueue } from "#app/platform/queue.server.ts";
import { openServices, type Services } from "#app/services.server.ts";

const isDev = process.argv.includes("--dev");
// React decides by it when it is loaded, so it is set before anything loads React.
process.env.NODE_ENV ??= isDev ? "development" : "production";

/** A process that has not ended by then is ended: a supervisor would kill it less kindly. */
const STOP_WITHIN_MS = 25_000;

type Listener = (request: http.IncomingMessage, response: http.ServerResponse) => void;
type Stop = () => Promise<void>;

async function main(): Promise<void> {
  const services = await openServices(process.env);
  const { config, log } = services;
  const server = http.createServer({
    maxHeaderSize: 16 * 1024,
    headersTimeout: 10_000,
    requestTimeout: 15_000,
  });
  const isWeb = config.PINRELAY_ROLE !== "worker";
  const isWorker = config.PINRELAY_ROLE !== "web";
  const remix = isWeb ? await openRemix(server, services) : notFound;
  const stopWorker = isWorker ? await startWorker(services) : async () => {};
  server.on("request", (request, response) => {
    void route(services, isWeb, remix, request, response);
  });
  server.listen(config.PORT, config.HOST, () => {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : config.PORT;
    log.info({ host: config.HOST, port, role: config.PINRELAY_ROLE }, "listening");
  });
  stopOnSignal(services, server, stopWorker);
}

/** Role worker loads neither Remix nor React nor Shopify's library: they cost start-up and memory. */
async function openRemix(server: http.Server, services: Services): Promise<Listener> {
  const { createShopify } = await import("#app/shopify.server.ts");
  const { remixListener } = await import("#app/remix.server.ts");
  return remixListener(server, { ...services, shopify: await createShopify(services) }, isDev);
}

async function startWorker(services: Services): Promise<Stop> {
  const { db, log } = services;
  const queue = createQueue({ db, log });
  await queue.start();
  await scheduleUpkeep({ db, log, queue });
  const delivery = runDelivery(services.delivery);
  return async () => {
    await Promise.all([delivery.stop(), queue.stop()]);
  };
}

async function route(
  services: Services,
  isWeb: boolean,
  remix: Listener,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  if (isWeb && request.url?.split("?", 1)[0] === "/webhooks") {
    await services.intake.takeWebhook(request, response);
  } else if (!(await answerOperations(services, request, response))) {
    remix(request, response);
  }
}

function notFound(_request: http.IncomingMessage, response: http.ServerResponse): void {
  response.statusCode = 404;
  response.end();
}

/** Stops taking requests, stores and settles what is in hand, then closes the database. */
function stopOnSignal(services: Services, server: http.Server, stopWorker: Stop): void {
  let isStopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    services.log.info({ signal }, "stopping");
    services.readiness.draining = async () => "the process is stopping";
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    const closed = new Promise((resolve) => server.close(resolve));
    await Promise.all([closed, stopWorker()]);
    await services.intake.drain();
    await services.close();
    services.log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.removeAllListeners(signal); // Vite, in development, would end the process at once
    process.on(signal, () => void stop(signal));
  }
}

main().catch((error: unknown) => {
  const message = error instanceof ConfigError ? error.message : (error as Error).stack;
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
