import { setTimeout as wait } from "node:timers/promises";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Config, parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { createLogger, type Logger } from "#app/platform/logger.server.ts";
import { orderTime } from "#app/reconciliation/settle-order.server.ts";
import { type OrderRunFailure, readOrderRun } from "#app/runs/order-run-rows.server.ts";
import type { OrderTally } from "#app/runs/order-tally.server.ts";
import { type OrderRunChoice, startOrderRun } from "#app/runs/start-run.server.ts";
import type { RunOwner } from "#app/runs/store-run.server.ts";
import { type OrderRunServices, workOnOrderRun } from "#app/runs/work-on-order-run.server.ts";
import type { OpenAdmin } from "#app/shopify/shop-admin.server.ts";
import { readInstall } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import {
  type CommandContext,
  CommandError,
  type CommandResult,
  type Failure,
} from "./command.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

export interface ReconcileOptions {
  shop: string;
  /** Null: as far back as Pinterest takes events, but not before the install. */
  since: Date | null;
  isDry: boolean;
}

const SETTLE_MS = 10_000;
/** A turn; after each one the command says how far it is. */
const TURN_MS = 5_000;
/** The waits before a run is looked at again: one of another process, or one that Shopify prepares. */
const LOOK_AGAIN_MS = { busy: 2_000, done: 60_000 };

interface ReconcileContext extends CommandContext {
  /** Opens the Admin API of shops, with Shopify's library, which only the command line's entry loads. */
  adminOpener: (services: {
    config: Config;
    log: Logger;
    db: Database;
    keyring: Keyring;
  }) => OpenAdmin;
  /** Says to a person who waits what is being done. */
  say: (line: string) => void;
}

/**
 * `pinrelay reconcile` and `backfill`: a run like one that is started in the admin, where it can be seen
 * and stopped too, worked on here. Killed on its way, an app that runs goes on with it. Ends with 1 when
 * not every order could be looked at.
 */
export async function reconcileShop(
  context: ReconcileContext,
  { shop: domain, since: asked, isDry }: ReconcileOptions,
): Promise<CommandResult> {
  const config = parseEnv(context.env);
  return withDatabase(context, async ({ db }) => {
    const { id } = await requireShop({ db }, domain);
    const shop = await loadMappingShop(db.pool, domain);
    if (shop === undefined) throw new CommandError(uninstalled(domain), 1);
    const since = asked ?? (await sinceInstall(db, id));
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    // Stdout is the document's, and the log's lines would stand before it.
    const log = createLogger("silent");
    const waker = createWaker({ db, log });
    const services = {
      db,
      keyring,
      log,
      waker,
      nowMs: Date.now,
      wait,
      openAdmin: context.adminOpener({ config, log, db, keyring }),
      sandboxUrl: config.SHOPIFY_SANDBOX_URL,
      // Counted by a process that is asked for metrics.
      countMissing: () => {},
      silentMs: 0,
    };
    const choice = { since, by: orderTime(shop), isDry, token: null, mayRunBeside: isDry };
    const runId = await startAlone(services, { shop, actor: "cli" }, choice, context);
    const run = await workThrough(services, { shop, runId }, context);
    await waker.settle(SETTLE_MS);
    return describe(domain, { since, isDry, ...run });
  });
}

async function sinceInstall(db: Database, shopId: bigint): Promise<Date> {
  const { installedAt } = await readInstall({ db }, shopId);
  return new Date(Math.max(installedAt.getTime(), Date.now() - SENDABLE_SECONDS * 1_000));
}

/**
 * Starts the run once no other one compares the shop's orders. That one is worked on here too: the app
 * may have no worker that runs, and would be waited for without end. A dry command must send nothing:
 * it leaves a run that does to its workers, and goes on beside it.
 */
async function startAlone(
  services: OrderRunServices,
  owner: RunOwner & { shop: { domain: string } },
  choice: OrderRunChoice,
  context: ReconcileContext,
): Promise<bigint> {
  // It is worked on here.
  const queue = { send: async () => {} };
  for (;;) {
    const { runId, running } = await startOrderRun({ db: services.db, queue }, owner, choice);
    if (running === null) return runId;
    context.say(`Waiting for run ${runId}, which compares this shop's orders. ${STOPPABLE}`);
    await workThrough(services, { shop: owner.shop, runId }, context);
  }
}

const STOPPABLE = "It can be stopped in the app: Send events, Missing orders.";

/** Works on the run until it has ended, here or, where another process has it in hand, there. */
async function workThrough(
  services: OrderRunServices,
  { shop, runId }: { shop: { id: bigint }; runId: bigint },
  { say }: ReconcileContext,
): Promise<Pick<Outcome, "tally" | "failure" | "state">> {
  for (;;) {
    const turn = await workOnOrderRun(services, runId, Date.now() + TURN_MS);
    const { state, progress, tally } = await readOrderRun(services, shop.id, runId);
    if (state !== "running") return { state, tally, failure: progress?.failure ?? null };
    const { expected = null } = progress ?? {};
    say(
      `${tally.orders}${expected === null ? "" : ` of ${expected}`} orders compared, ${tally.missing} without an event looked at`,
    );
    if (turn !== "more") await wait(LOOK_AGAIN_MS[turn]);
  }
}

interface Outcome {
  since: Date;
  isDry: boolean;
  tally: OrderTally;
  failure: OrderRunFailure | null;
  state: string;
}

function describe(domain: string, { since, isDry, tally, failure, state }: Outcome): CommandResult {
  const isStopped = state === "stopped" || state === "missing";
  const error =
    failure === null ? (isStopped ? stopped(domain) : undefined) : failures(domain)[failure];
  const isDone = error === undefined && tally.failed === 0;
  const { orders, missing, sent, skipped, failed, left } = tally;
  const counts = { orders, missing, sent, skipped, failed, left };
  return {
    json: {
      ok: isDone,
      shop: domain,
      since: since.toISOString(),
      dry_run: isDry,
      ...counts,
      ...(error && { error }),
    },
    // Shopify showed no order before the run ended: their number is unknown.
    text:
      error !== undefined && tally.orders === 0
        ? ""
        : describeTally(domain, { since, isDry, isWhole: error === undefined }, tally),
    ...(error && { complaint: `${error.message}\n${error.action}` }),
    exitCode: isDone ? 0 : 1,
  };
}

function describeTally(
  domain: string,
  { since, isDry, isWhole }: Pick<Outcome, "since" | "isDry"> & { isWhole: boolean },
  { orders, missing, sent, skipped, failed, left }: OrderTally,
): string {
  const counted = `${orders} ${orders === 1 ? "order" : "orders"}`;
  const compared = `${counted} of ${domain} ${orders === 1 ? "was" : "were"} compared`;
  const reasons = Object.entries(skipped).map(([reason, n]) => `${n} ${reason}`);
  const would = isDry ? "would be " : "";
  return [
    ...(isDry ? ["Dry run: nothing was changed."] : []),
    // A run that ended early has not seen all of them.
    `${isWhole ? `${domain} has ${counted}` : compared} since ${since.toISOString()}; ${missing} had no event.`,
    ...(missing > 0 ? [`${sent} ${would}sent`] : []),
    ...(reasons.length > 0 ? [`${would}skipped: ${reasons.join(", ")}`] : []),
    ...(failed > 0
      ? [`${failed} could not be stored: see \`pinrelay doctor\`, and run it again`]
      : []),
    ...(left.recent > 0
      ? [`${left.recent} younger than 15 minutes: their webhooks may still come`]
      : []),
    ...(left.unpaid > 0 ? [`${left.unpaid} not paid yet, and this shop sends paid orders`] : []),
    ...(left.gone > 0 ? [`${left.gone} deleted meanwhile`] : []),
  ].join("\n");
}

function uninstalled(domain: string): Failure {
  return {
    code: "not_installed",
    message: `${domain} has uninstalled the app, so Shopify does not tell its orders.`,
    action: "Install the app in the shop again.",
  };
}

function stopped(domain: string): Failure {
  return {
    code: "stopped",
    message: `The comparison of the orders of ${domain} was stopped.`,
    action: "Run it again; what is done is not done twice.",
  };
}

function failures(domain: string): Record<OrderRunFailure, Failure> {
  const silent = {
    code: "shopify_unavailable",
    message: `Shopify gave no answer about ${domain}.`,
    action:
      "Run it again later: what is done is not done twice. If it stays so, open Pinrelay once in the shop's admin, which renews its access.",
  };
  return {
    shop_gone: uninstalled(domain),
    no_session: {
      code: "no_session",
      message: `Pinrelay has no access to the orders of ${domain}: nobody has opened it in the shop's admin.`,
      action: "Open Pinrelay once in the shop's admin, and run it again.",
    },
    denied: {
      code: "shopify_denied",
      message: `Shopify does not let Pinrelay read the orders of ${domain}.`,
      action:
        "Open Pinrelay once in the shop's admin and agree to the permissions it asks for. It needs read_orders and access to protected customer data.",
    },
    silent,
    not_found: silent,
    unreadable: {
      code: "shopify_unreadable",
      message: `Shopify's list of the orders of ${domain} has a form that Pinrelay does not know.`,
      action: "Update Pinrelay. If it is up to date, this is a fault of Pinrelay.",
    },
  };
}
