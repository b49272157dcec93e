import { shopSettings } from "#app/events/shop-settings.ts";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import { buildPolicy } from "#app/mapping/shop-policy.server.ts";
import type { OrderSource } from "../order-source.ts";
import { median, round } from "../quantile.ts";
import type { Sizes } from "../sizes.ts";

export interface Mapping {
  orders: number;
  whole: MappingRate;
  cut: MappingRate;
}

export interface MappingRate {
  us_per_order: number;
  per_second: number;
}

const ORDERS = 1_000;
const WARM_UP_TURNS = 10;

/**
 * From the bytes of an order to its checked event, in this process and with one core: what intake
 * does beside HTTP, encryption and the database. Measured as the thread's processor time, so that
 * other processes count as little as they can.
 */
export function measureMapping(orders: OrderSource, { turns }: Sizes["mapping"]): Mapping {
  return {
    orders: turns * ORDERS,
    whole: measure(turns, () => orders.bodies(ORDERS)),
    cut: measure(turns, () => orders.cutBodies(ORDERS)),
  };
}

function measure(turns: number, makeBodies: () => Buffer[]): MappingRate {
  const times = Array.from({ length: WARM_UP_TURNS + turns }, () => timeTurn(makeBodies()));
  const us = median(times.slice(WARM_UP_TURNS)) / ORDERS;
  return { us_per_order: round(us), per_second: Math.round(1_000_000 / us) };
}

const policy = buildPolicy({
  domain: "bench.myshopify.com",
  primaryDomain: "bench.example",
  countryCode: "US",
  settings: shopSettings.parse({}),
});

/** Microseconds of processor time. */
function timeTurn(bodies: readonly Buffer[]): number {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const start = process.threadCpuUsage();
  for (const body of bodies) {
    const read = readWebhook("orders/create", body);
    const mapped =
      read.kind === "store_event" ? mapStoreEvent(read.event, policy, nowSeconds) : null;
    if (mapped?.outcome.kind !== "send") throw new Error("An order of the bench was not mapped");
  }
  const { user, system } = process.threadCpuUsage(start);
  return user + system;
}
