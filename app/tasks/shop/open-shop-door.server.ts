import type { MappedEvent } from "#app/events/mapped-event.ts";
import { commitGivenEvents } from "#app/outbox/append/commit-given-events.server.ts";
import { countOpenEvents, identityKey, readOutcomes } from "#app/outbox/read-outcomes.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { readShopsForIntake } from "#app/shops/shops-for-intake.server.ts";
import { UnknownShopError } from "#app/shops/unknown-shop-error.server.ts";
import type { ShopDoor } from "#app/tasks/shop-door.server.ts";
import { toResult } from "./to-result.server.ts";

export interface ShopDoorServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  nowMs: () => number;
  wait: (ms: number) => Promise<void>;
  /** True once the process is to end: what is stored by then is not waited for. */
  isStopping?: () => boolean;
}

export interface DoorShop {
  id: bigint;
  domain: string;
  lane: number;
  /** Who acts, for the audit log: `cli`, `api`, `flow`, `user:<id>`. */
  actor: string;
}

const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;

/** A shop's connection and outbox, for tasks. Rejects where the database cannot be reached. */
export function openShopDoor(services: ShopDoorServices, shop: DoorShop): ShopDoor {
  return {
    connection: () => readConnection(services, shop),

    async send(events, options) {
      const given = events.map(({ mapped }) => mapped);
      const stored = await store(services, shop, given);
      await awaitOutcomes(services, shop, stored, options);
      const standings = await readOutcomes(services, shop, stored);
      return stored.map((event, place) => {
        const { index } = events[place] as (typeof events)[number];
        return toResult(index, event, standings.get(identityKey(event)));
      });
    },
  };
}

async function store(
  services: ShopDoorServices,
  { domain, actor }: DoorShop,
  events: readonly MappedEvent[],
): Promise<MappedEvent[]> {
  const shops = await readShopsForIntake(services.db.pool, [domain]);
  const shop = shops.get(domain);
  if (shop === undefined) throw new UnknownShopError(domain);
  return commitGivenEvents(services, { shop, actor }, events);
}

async function awaitOutcomes(
  services: ShopDoorServices,
  shop: DoorShop,
  events: readonly MappedEvent[],
  { waitSeconds, onSettled }: Parameters<ShopDoor["send"]>[1],
): Promise<void> {
  const endsAt = services.nowMs() + waitSeconds * 1_000;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_LOOK_MS)) {
    const open = await countOpenEvents(services, shop, events);
    onSettled?.(events.length - open);
    const leftMs = services.isStopping?.() ? 0 : endsAt - services.nowMs();
    if (open === 0 || leftMs <= 0) return;
    await services.wait(Math.min(pauseMs, leftMs));
  }
}
