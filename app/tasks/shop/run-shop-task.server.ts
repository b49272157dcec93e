import { setTimeout as wait } from "node:timers/promises";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { ReadinessCheck } from "#app/platform/operations.server.ts";
import { runTask, type TaskServices } from "#app/tasks/run-task.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { createOutboxGateway, type GatewayShop } from "./create-outbox-gateway.server.ts";

/** The services of the process that a shop's task needs. */
export interface ShopTaskServices {
  config: Pick<Config, "PINTEREST_API_URL">;
  db: Pick<Database, "pool" | "queryAsShop" | "transaction">;
  keyring: Keyring;
  pinterest: PinterestClient;
  /** Has `draining` once the process is to end. */
  readiness?: Record<string, ReadinessCheck>;
}

/** A task of a shop that asked for it in person: it may use the connection and the outbox. */
export function runShopTask(
  services: ShopTaskServices,
  shop: GatewayShop,
  request: TaskRequest,
): Promise<TaskDocument> {
  return runTask(openShopTask(services, shop, request.waitSeconds), request);
}

export function openShopTask(
  services: ShopTaskServices,
  shop: GatewayShop,
  waitSeconds: number,
): TaskServices {
  const clock = { nowMs: Date.now, wait: (ms: number) => wait(ms) };
  const isStopping = () => services.readiness?.draining !== undefined;
  return {
    ...clock,
    pinterest: async () => services.pinterest,
    apiUrl: services.config.PINTEREST_API_URL,
    shop: createOutboxGateway({ ...services, ...clock, isStopping }, shop),
    random: Math.random,
    deadlineMs: waitSeconds * 1_000,
  };
}
