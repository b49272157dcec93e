import type { ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { registerAlertGauge } from "#app/alerts/list-alerts.server.ts";
import type { DeliveryServices } from "#app/delivery/deliver-account.server.ts";
import {
  createDeliveryMetrics,
  registerDeliveryGauges,
} from "#app/delivery/delivery-metrics.server.ts";
import { createPinterestBreaker } from "#app/delivery/pinterest-breaker.server.ts";
import { createIntake, type Intake } from "#app/intake/handle-webhook.server.ts";
import { createIntakeMetrics } from "#app/intake/intake-metrics.server.ts";
import { createPixelIntake, type PixelIntake } from "#app/intake/pixel/handle-pixel.server.ts";
import { createPixelMetrics } from "#app/intake/pixel/pixel-metrics.server.ts";
import type { PixelBody, PixelResult } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import type { StoredAs, VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import { openStoreThread, type StoreThread } from "#app/intake/thread/open-store-thread.server.ts";
import { registerEventRowsGauge } from "#app/outbox/event-gauges.server.ts";
import { createPinterestClient, type PinterestClient } from "#app/pinterest/client.server.ts";
import { type ByteBudget, createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import { writePathAnswers } from "#app/platform/check-database.server.ts";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import {
  describeDatabaseFault,
  StartError,
} from "#app/platform/env/describe-start-fault.server.ts";
import { type Config, isLeftToThisMachine, parseEnv } from "#app/platform/env/env.server.ts";
import { createRequestMetrics } from "#app/platform/http/measure-requests.server.ts";
import { shareResult } from "#app/platform/http/share-result.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";
import { checkEncryptionKeys } from "#app/platform/keys/key-needs.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import { createLogger, type Logger } from "#app/platform/logger.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { areMigrationsCurrent } from "#app/platform/migrate.server.ts";
import type { Progress, ReadinessCheck } from "#app/platform/operations.server.ts";
import { createQueue, type Queue } from "#app/platform/queue.server.ts";
import { LATE, resultWithin } from "#app/platform/result-within.server.ts";
import { registerPartitionGauge } from "#app/platform/tables/partitions.server.ts";
import { startTelemetry } from "#app/platform/telemetry/start-telemetry.server.ts";
import { registerPrivacyGauge } from "#app/privacy/schedule-privacy.server.ts";
import { registerSweepGauge } from "#app/runs/order-sweeps.server.ts";
import { registerShopifyMetrics } from "#app/shopify/ask-shopify.server.ts";
import { registerConnectionGauges } from "#app/shops/connection/connection-gauges.server.ts";
import { createKeyLoad, type KeyLoad } from "#app/tasks/http/key-load.server.ts";

/** Every stateful thing of the process, made once here and handed down. */
export interface Services {
  config: Config;
  log: Logger;
  db: Database;
  keyring: Keyring;
  registry: Registry;
  measureRequest: (path: string, response: ServerResponse) => void;
  /** The memory limit for the bodies of all current requests. */
  bodies: ByteBudget;
  /** The load of each API key's current requests. */
  keyLoad: KeyLoad;
  pinterest: PinterestClient;
  intake: Intake;
  /** How many webhooks this process sent back. */
  countRefused: () => number;
  pixel: PixelIntake;
  delivery: DeliveryServices;
  queue: Queue;
  readiness: Record<string, ReadinessCheck>;
  progress: Progress;
  close(): Promise<void>;
}

const READY_WITHIN_MS = 1_000;
const READINESS_KEPT_MS = 1_000;

/** Opens everything from the environment. Rejects with ConfigError, naming every faulty variable. */
export async function openServices(env: NodeJS.ProcessEnv): Promise<Services> {
  const config = parseEnv(env, { serves: true });
  const log = createLogger(config.LOG_LEVEL);
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const db = await openOwnDatabase(config, log);
  await checkKeys(config, db);
  const registry = createRegistry();
  const telemetry = await startTelemetry({ config, registry, log });
  registerGauges(registry, { db, log });
  const bodies = createByteBudget();
  const pinterest = createPinterestClient({
    apiUrl: config.PINTEREST_API_URL,
    ...(config.PINTEREST_CLIENT_ID !== undefined && { clientId: config.PINTEREST_CLIENT_ID }),
    ...(config.PINTEREST_CLIENT_SECRET !== undefined && {
      clientSecret: config.PINTEREST_CLIENT_SECRET,
    }),
  });
  const queue = createQueue({ db, log, registry });
  const shared = { db, keyring, log, nowMs: Date.now };
  const start = { target: db.target, keys: config.ENCRYPTION_KEYS, logLevel: config.LOG_LEVEL };
  const thread = openStoreThread<VerifiedWebhook, StoredAs>("intake", start, log);
  const intakeMetrics = createIntakeMetrics(registry);
  const intake = createIntake({
    ...shared,
    bodies,
    db: db.reserved,
    secrets: config.SHOPIFY_API_SECRETS,
    storeWebhooks: thread.store,
    metrics: intakeMetrics,
  });
  const pixelThread = openStoreThread<PixelBody, PixelResult>("pixel", start, log);
  const pixel: PixelIntake = createPixelIntake({
    ...shared,
    bodies,
    trustedProxies: config.TRUST_PROXY,
    storeBodies: pixelThread.store,
    metrics: createPixelMetrics(registry, () => pixel.oldestInHandMs() / 1_000),
  });
  return {
    config,
    log,
    db,
    keyring,
    registry,
    measureRequest: createRequestMetrics(registry),
    bodies,
    keyLoad: createKeyLoad(),
    pinterest,
    intake,
    countRefused: intakeMetrics.refused,
    pixel,
    delivery: openDelivery(registry, { ...shared, pinterest }),
    queue,
    progress: {
      oldest_webhook_age_seconds: () => intake.oldestInHandMs() / 1_000,
    },
    readiness: createReadiness({ db, keyring, thread }),
    async close() {
      await Promise.all([pinterest.close(), thread.close(), pixelThread.close(), queue.stop()]);
      await Promise.all([db.close(), telemetry.close()]);
    },
  };
}

/** What an operator watches of the whole installation, whichever process is asked. */
function registerGauges(registry: Registry, services: Pick<Services, "db" | "log">): void {
  registerPrivacyGauge(registry, services);
  registerAlertGauge(registry, services);
  registerConnectionGauges(registry, services);
  registerSweepGauge(registry, services);
  registerEventRowsGauge(registry, services);
  registerShopifyMetrics(registry);
  registerPartitionGauge(registry, services);
}

function openDelivery(
  registry: Registry,
  shared: Pick<DeliveryServices, "db" | "keyring" | "log" | "nowMs" | "pinterest">,
): DeliveryServices {
  const breaker = createPinterestBreaker();
  const progress = { claimedAtMs: null };
  const metrics = createDeliveryMetrics(registry);
  const services = { ...shared, random: Math.random, breaker, progress, metrics };
  registerDeliveryGauges(registry, services);
  return services;
}

async function openOwnDatabase(config: Config, log: Logger): Promise<Database> {
  if (isLeftToThisMachine(config)) {
    log.warn(
      { dataDir: config.DATA_DIR },
      "DATABASE_URL is not set: the database lives in this folder alone. Where the folder goes with a deploy or a machine, so do the shops, their connections and all events",
    );
  }
  const db = await openDatabase(config).catch((error: unknown) => {
    const sentence = describeDatabaseFault(error, config);
    throw sentence === null ? error : new StartError(sentence, { cause: error });
  });
  if (db.lack !== null) log.warn(db.lack);
  return db;
}

/** Refuses to start with keys that are not those of the database. */
async function checkKeys({ ENCRYPTION_KEYS }: Config, db: Database): Promise<void> {
  try {
    await checkEncryptionKeys(db.pool, ENCRYPTION_KEYS);
  } catch (error) {
    await db.close();
    if (!(error instanceof KeyringError)) throw error;
    throw new StartError(error.message, { cause: error });
  }
}

function createReadiness({
  db,
  keyring,
  thread,
}: Pick<Services, "db" | "keyring"> & {
  thread: Pick<StoreThread<never, never>, "takesWrites">;
}): Services["readiness"] {
  return {
    database: shareResult(READINESS_KEPT_MS, async () => {
      const answers = await writePathAnswers(db.reserved.pool, READY_WITHIN_MS);
      return answers ? null : "the database took no write within 1 s";
    }),
    intake: shareResult(READINESS_KEPT_MS, async () => {
      const answers = await thread.takesWrites();
      return answers ? null : "what stores webhooks got no write done within 2 s";
    }),
    migrations: shareResult(READINESS_KEPT_MS, async () => {
      const areCurrent = await areMigrationsCurrent(db.reserved.pool, READY_WITHIN_MS);
      if (areCurrent === null) return "not known: the database gave no answer within 1 s";
      return areCurrent ? null : "the database lacks migrations of this version";
    }),
    encryption_keys: shareResult(READINESS_KEPT_MS, async () => {
      const fault = await resultWithin(READY_WITHIN_MS, () => findKeyFault(keyring, db.reserved));
      return fault === LATE ? null : fault;
    }),
  };
}

/** What a database without an answer says of the keys is nothing: the other checks name it. */
async function findKeyFault(keyring: Keyring, db: Pick<Database, "pool">): Promise<string | null> {
  try {
    const keys = await keyring.ensure(db.pool, [INSTALLATION]);
    keys.decrypt(keys.encrypt(INSTALLATION, "ready", "readyz"), "readyz");
    return null;
  } catch (error) {
    if (error instanceof KeyringError) return error.message;
    throw error;
  }
}
