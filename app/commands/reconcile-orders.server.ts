import { setTimeout as wait } from "node:timers/promises";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { createWaker } from "#app/outbox/waker.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Config, parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { createLogger, type Logger } from "#app/platform/logger.server.ts";
import { noteReconciliation } from "#app/reconciliation/note-reconciliation.server.ts";
import { type OpenAdmin, openShopAdmin } from "#app/reconciliation/open-shop-admin.server.ts";
import { reconcileOrders, type Tally } from "#app/reconciliation/reconcile-orders.server.ts";
import type { ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import { paceAdmin } from "#app/shopify/pace-admin.server.ts";
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

interface ReconcileContext extends CommandContext {
  /** Opens the Admin API of shops, with Shopify's library, which only the command line's entry loads. */
  adminOpener: (services: {
    config: Config;
    log: Logger;
    db: Database;
    keyring: Keyring;
  }) => OpenAdmin;
}

/** `pinrelay reconcile` and `backfill`. Ends with 1 when not every order could be looked at. */
export async function reconcileShop(
  context: ReconcileContext,
  { shop: domain, since: asked, isDry }: ReconcileOptions,
): Promise<CommandResult> {
  const config = parseEnv(context.env);
  return withDatabase(context, async ({ db }) => {
    const { id } = await requireShop({ db }, domain);
    const shop = await loadMappingShop(db.pool, domain);
    if (shop === undefined) throw new CommandError(uninstalled(domain), 1);
    const since = asked ?? (await sinceInstall(id));
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    // Stdout is the document's, and the log's lines would stand before it.
    const log = createLogger("silent");
    const waker = createWaker({ db, log });
    const services = { db, keyring, log, waker, nowMs: Date.now };
    const admin = await openShopAdmin(context.adminOpener({ config, log, db, keyring }), domain);
    if (typeof admin === "string") throw new CommandError(failures(domain)[admin], 1);
    const signal = new AbortController().signal;
    const paced = paceAdmin(admin, { signal, wait });
    const wish = { since, isDry, signal };
    const { tally, failure } = await reconcileOrders(services, shop, paced, wish);
    await waker.settle(SETTLE_MS);
    if (!isDry) await noteReconciliation({ db }, { shop, actor: "cli", tally });
    return describe(domain, { since, isDry, tally, failure });

    async function sinceInstall(shopId: bigint): Promise<Date> {
      const { installedAt } = await readInstall({ db }, shopId);
      return new Date(Math.max(installedAt.getTime(), Date.now() - SENDABLE_SECONDS * 1_000));
    }
  });
}

interface Outcome {
  since: Date;
  isDry: boolean;
  tally: Tally;
  failure: ShopifyFailure | null;
}

function describe(domain: string, { since, isDry, tally, failure }: Outcome): CommandResult {
  const error = failure === null ? undefined : failures(domain)[failure];
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
    text: describeTally(domain, since, isDry, tally),
    ...(error && { complaint: `${error.message}\n${error.action}` }),
    exitCode: isDone ? 0 : 1,
  };
}

function describeTally(
  domain: string,
  since: Date,
  isDry: boolean,
  { orders, missing, sent, skipped, failed, left }: Tally,
): string {
  const reasons = Object.entries(skipped).map(([reason, n]) => `${n} ${reason}`);
  const would = isDry ? "would be " : "";
  return [
    ...(isDry ? ["Dry run: nothing was changed."] : []),
    `${domain} has ${orders} orders since ${since.toISOString()}; ${missing} had no event.`,
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

function failures(domain: string): Record<ShopifyFailure | "no_session", Failure> {
  const silent = {
    code: "shopify_unavailable",
    message: `Shopify gave no answer about ${domain}.`,
    action:
      "Run it again later: what is done is not done twice. If it stays so, open Pinrelay once in the shop's admin, which renews its access.",
  };
  return {
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
