import { once } from "node:events";
import { existsSync } from "node:fs";
import http from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { scheduleAlerts } from "#app/alerts/check-alerts.server.ts";
import { scheduleBilling } from "#app/billing/check-billing.server.ts";
import { scheduleRetests } from "#app/delivery/retest-connections.server.ts";
import { runDelivery } from "#app/delivery/run-delivery.server.ts";
import { joinLateForm } from "#app/mapping/person/sign-up-form.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { scheduleUpkeep } from "#app/outbox/upkeep.server.ts";
import { readBillingPlan } from "#app/platform/env/billing-env.server.ts";
import {
  describeDatabaseFault,
  describeListenFault,
  StartError,
} from "#app/platform/env/describe-start-fault.server.ts";
import { type Config, ConfigError } from "#app/platform/env/env.server.ts";
import { setBaseHeaders } from "#app/platform/http/base-headers.server.ts";
import { answerTraced } from "#app/platform/http/measure-requests.server.ts";
import { readTarget, type Target } from "#app/platform/http/read-target.server.ts";
import { refuseMalformed } from "#app/platform/http/refuse-malformed.server.ts";
import { inRequest, readRequestId } from "#app/platform/http/request-id.server.ts";
import { answerOperations } from "#app/platform/operations.server.ts";
import { schedulePrivacy } from "#app/privacy/schedule-privacy.server.ts";
import { scheduleConfirmations } from "#app/reconciliation/confirm-checkouts.server.ts";
import { beatWhileServing } from "#app/reconciliation/intake-beat.server.ts";
import { registerOrderRunWorker, registerRunWorker } from "#app/runs/register-run-worker.server.ts";
import { missingCounter, scheduleSweeps } from "#app/runs/sweep-orders.server.ts";
import { scheduleRenewals } from "#app/shops/connection/renew-sign-ins.server.ts";
import { scheduleQuality } from "#app/shops/refresh-quality.server.ts";
import { scheduleWebPixels } from "#app/shops/web-pixel.server.ts";
import { workOnCallbacks } from "#app/tasks/callback/work-on-callbacks.server.ts";
import { adminOpener, openOnce } from "./open-admin.server.ts";
import { openServices, type Services } from "./services.server.ts";

const isDev = process.argv.includes("--dev");
// React decides by it when it is loaded, so it is set before anything loads React.
process.env.NODE_ENV ??= isDev ? "development" : "production";

/** A process that has not ended by then is ended: a supervisor would kill it less kindly. */
const STOP_WITHIN_MS = 25_000;
/** The same for one that could not start. */
const CLOSE_WITHIN_MS = 10_000;

/** A request may take this long to arrive; calls that wait for Pinterest are answered at once. */
const REQUESTS_END_WITHIN_MS = 15_000;
const SWEEP_MS = 100;

/** `npm run build` has not run. */
class NotBuiltError extends Error {
  override name = "NotBuiltError";
  code = "not_built";
}

type Listener = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: Target,
) => void;
type Stop = () => Promise<void>;

const WORKER_RETRIES = 5;
const WORKER_PAUSE_MS = 1_000;

async function main(): Promise<void> {
  const services = await openServices(process.env);
  try {
    await serve(services);
  } catch (error) {
    // The last process out stops the embedded Postgres.
    await Promise.race([services.close(), wait(CLOSE_WITHIN_MS)]).catch(() => {});
    const sentence = describeDatabaseFault(error, services.config);
    throw sentence === null ? error : new StartError(sentence, { cause: error });
  }
}

async function serve(services: Services): Promise<void> {
  const { config, log } = services;
  const server = http.createServer({
    maxHeaderSize: 16 * 1024,
    // One without a Host is refused with the others, further down.
    requireHostHeader: false,
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    // Longer than a load balancer keeps an idle connection: it would else send a request on one that
    // is being closed here, and answer 502 for us.
    keepAliveTimeout: config.KEEP_ALIVE_SECONDS * 1_000,
  });
  server.maxConnections = config.MAX_CONNECTIONS;
  const isWeb = config.PINRELAY_ROLE !== "worker";
  const isWorker = config.PINRELAY_ROLE !== "web";
  const remix = isWeb ? await openAdmin(server, services) : notFound;
  if (isWeb) {
    await services.intake.prepare();
    beatWhileServing(services);
  }
  refuseMalformed(server, config.SHOPIFY_APP_URL);
  server.on("request", (request, response) => {
    // A caller that goes on using its connection would otherwise keep the process from ending.
    if (services.readiness.draining !== undefined) response.setHeader("Connection", "close");
    const requestId = readRequestId(request.headers["x-request-id"]);
    response.setHeader("X-Request-Id", requestId);
    void inRequest(requestId, () => route(services, isWeb, remix, request, response));
  });
  await listen(server, config);
  const worker: Promise<Stop> = isWorker ? startWorkerPatiently(services) : Promise.resolve(done);
  // Requests come from now on: a signal must not end the process among them.
  stopOnSignal(services, server, async () => (await worker.catch(() => done))());
  await worker;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : config.PORT;
  log.info({ host: config.HOST, port, role: config.PINRELAY_ROLE }, "listening");
}

async function done(): Promise<void> {}

async function listen(server: http.Server, config: Config): Promise<void> {
  try {
    server.listen(config.PORT, config.HOST);
    await once(server, "listening");
  } catch (error) {
    throw new StartError(describeListenFault(error, config), { cause: error });
  }
}

/**
 * Remix, React and Shopify's library are loaded with the first page somebody opens: a process that
 * takes webhooks or delivers all day does without their 90 MB and their second of start-up.
 */
async function openAdmin(server: http.Server, services: Services): Promise<Listener> {
  const open = async (): Promise<Listener> => {
    const { createShopify } = await import("#app/web/shopify.server.ts");
    const { remixListener } = await import("#app/web/remix.server.ts");
    return remixListener(server, { ...services, shopify: await createShopify(services) }, isDev);
  };
  if (isDev) return open();
  if (!existsSync(new URL("../build/server/index.js", import.meta.url))) {
    throw new NotBuiltError("The admin is not built. Run: npm run build");
  }
  const opened = openOnce(open);
  return (request, response, target) => {
    opened().then(
      (listener) => listener(request, response, target),
      (error: unknown) => {
        services.log.error({ err: error }, "the admin could not be loaded");
        response.writeHead(500).end();
      },
    );
  };
}

/**
 * The process takes webhooks by now: it must not end because the database was slow to answer once.
 * A repeated failure ends it after all.
 */
async function startWorkerPatiently(services: Services): Promise<Stop> {
  for (let left = WORKER_RETRIES; ; left -= 1) {
    try {
      return await startWorker(services);
    } catch (error) {
      if (left === 0) throw error;
      services.log.warn({ err: error }, "the worker could not be started, and is started again");
      await wait(WORKER_PAUSE_MS);
    }
  }
}

async function startWorker(services: Services): Promise<Stop> {
  const { db, keyring, log, queue, registry } = services;
  await queue.start();
  await scheduleUpkeep({ db, keyring, joinLateForm, log, queue, registry });
  await schedulePrivacy(services);
  await scheduleRenewals(services);
  await scheduleRetests({ ...services, nowMs: Date.now });
  await scheduleQuality(services);
  const allowLoopback = services.config.SHOPIFY_SANDBOX_URL !== undefined;
  await workOnCallbacks({ ...services, allowLoopback, nowMs: Date.now });
  const openAdmin = adminOpener(services);
  await scheduleWebPixels({ ...services, openAdmin });
  const waker = createWaker(services);
  await scheduleConfirmations({ ...services, waker, openAdmin, nowMs: Date.now });
  const sandboxUrl = services.config.SHOPIFY_SANDBOX_URL;
  const countMissing = missingCounter(registry);
  const comparing = {
    ...services,
    waker,
    openAdmin,
    nowMs: Date.now,
    wait,
    sandboxUrl,
    countMissing,
  };
  await scheduleSweeps(comparing);
  const plan = readBillingPlan(services.config);
  await scheduleBilling({ ...services, plan, openAdmin, now: newDate });
  await scheduleAlerts({ ...services, nowMs: Date.now });
  await registerRunWorker({ ...services, nowMs: Date.now });
  await registerOrderRunWorker(comparing);
  const delivery = runDelivery(services.delivery);
  services.progress.last_claim_age_seconds = () => delivery.lastClaimAgeMs() / 1_000;
  return async () => {
    await Promise.all([delivery.stop(), queue.stop()]);
  };
}

const newDate = () => new Date();

async function route(
  services: Services,
  isWeb: boolean,
  remix: Listener,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  setBaseHeaders(response, services.config.SHOPIFY_APP_URL);
  const target = readTarget(request.url);
  if (target === null || (request.headers.host === undefined && request.httpVersion !== "1.0")) {
    response.writeHead(400, { Connection: "close" }).end();
    return;
  }
  // All later code reads the address that was checked here.
  request.url = `${target.path}${target.search}`;
  if (await answerOperations(services, target.path, request, response)) return;
  const { path } = target;
  await answerTraced(request, response, {
    path,
    async work() {
      if (isWeb && path === "/webhooks") return services.intake.handleWebhook(request, response);
      if (isWeb && path === "/pixel") return services.pixel.handlePixel(request, response);
      services.measureRequest(path, response);
      remix(request, response, target);
    },
  });
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
    const inHand = new Set<string>();
    const ends = (what: string, end: Promise<unknown>) => {
      inHand.add(what);
      return end.then(() => inHand.delete(what));
    };
    setTimeout(() => {
      services.log.error(`not stopped in time: ${[...inHand].join(", ")}`);
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    const { PINRELAY_ROLE: role, LINGER_SECONDS: linger } = services.config;
    // A worker receives no requests that could be lost.
    const closed = closeServer(server, role === "worker" ? 0 : linger);
    await Promise.all([ends("requests", closed), ends("worker", stopWorker())]);
    await ends("webhooks", services.intake.drain());
    await ends("browser events", services.pixel.drain());
    await ends("connections", services.close());
    services.log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.removeAllListeners(signal); // Vite, in development, would end the process at once
    process.on(signal, () => void stop(signal));
  }
}

/**
 * Goes on taking requests for a while: until a load balancer has seen that /readyz says no, and
 * because closing at once would cut connections that look idle and have a request on its way. Then
 * answers what it has, and closes.
 */
async function closeServer(server: http.Server, lingerSeconds: number): Promise<void> {
  await wait(lingerSeconds * 1_000);
  const closed = new Promise((resolve) => server.close(resolve));
  // An answer that had begun before the signal left its connection open.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  // A caller that reads no answer must not keep the process from settling and closing the rest.
  const cut = setTimeout(() => server.closeAllConnections(), REQUESTS_END_WITHIN_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

main().catch((error: unknown) => {
  const isPlain = [ConfigError, NotBuiltError, StartError].some((kind) => error instanceof kind);
  const message = isPlain ? (error as Error).message : (error as Error).stack;
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
