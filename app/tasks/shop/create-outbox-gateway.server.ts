import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import {
  commitGivenEvents,
  type GivenOutcome,
  type Giver,
} from "#app/outbox/append/commit-given-events.server.ts";
import {
  countOpenEvents,
  type EventStanding,
  identityKey,
  readBodies,
  readStandings,
} from "#app/outbox/read-outcomes.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import type { RowError, TaskResult } from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";

/** A shop's connection and outbox, as a task uses them. */
export interface OutboxGateway {
  /** Null: the shop is not connected. */
  connection(): Promise<ShopConnection | null>;
  /**
   * Stores the events (durable: the worker sends them) and waits for their outcomes, up to
   * `waitSeconds`. One result per event, by place; `index` is the caller's. What is open by then is
   * `pending`. An event id that the shop has already keeps its first event, and reports its state,
   * but not its content, unless that is the same.
   */
  send(
    events: readonly { index: number; mapped: MappedEvent }[],
    options: { waitSeconds: number; onSettled?: (settled: number) => void },
  ): Promise<TaskResult[]>;
}

export interface ShopConnection {
  adAccountId: string;
  /** The token that reads tags. */
  token: string;
  sendingToken: string;
  state: "active" | "paused";
}

export interface OutboxGatewayServices {
  db: Pick<Database, "pool" | "transaction" | "queryAsShop">;
  keyring: Keyring;
  nowMs: () => number;
  wait: (ms: number) => Promise<void>;
  /** True once the process is to end: what is stored by then is not waited for. */
  isStopping?: () => boolean;
}

/** The shop, and who acts: `cli`, `api`, `flow`, `user:<id>`. */
export interface GatewayShop extends Giver {
  id: bigint;
  domain: string;
  lane: number;
}

const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;

/** A shop's connection and outbox, for tasks. Rejects where the database cannot be reached. */
export function createOutboxGateway(
  services: OutboxGatewayServices,
  shop: GatewayShop,
): OutboxGateway {
  return {
    connection: () => readConnection(services, shop),

    async send(events, options) {
      const given = events.map(({ mapped }) => mapped);
      const outcomes = await store(services, shop, given);
      const stored = outcomes.map(({ mapped }) => mapped);
      await awaitOutcomes(services, shop, stored, options);
      const standings = await readStandings(services, shop, stored);
      const bodies = await readOwnBodies(services, shop, outcomes, standings);
      return stored.map((event, place) => {
        const { index } = events[place] as (typeof events)[number];
        const key = identityKey(event);
        return toResult(index, event, standings.get(key), bodies.get(key) ?? null);
      });
    },
  };
}

/**
 * What was sent, of the events whose content the caller gave: now, or word for word before. Others
 * hold what the caller may not know, such as the browser of an order's shopper.
 */
async function readOwnBodies(
  services: OutboxGatewayServices,
  shop: GatewayShop,
  outcomes: readonly GivenOutcome[],
  standings: ReadonlyMap<string, EventStanding>,
): Promise<Map<string, ConversionEvent>> {
  const own = new Map<string, ConversionEvent>();
  const known: MappedEvent[] = [];
  for (const { mapped, isStored } of outcomes) {
    if (mapped.outcome.kind !== "send") continue;
    const key = identityKey(mapped);
    if (isStored) own.set(key, mapped.outcome.event);
    else if (standings.get(key)?.idSource === "given") known.push(mapped);
  }
  const bodies = await readBodies(services, shop, known);
  for (const mapped of known) {
    const key = identityKey(mapped);
    const body = bodies.get(key);
    const isSame = mapped.outcome.kind === "send" && body && holdsSame(mapped.outcome.event, body);
    if (isSame && !own.has(key)) own.set(key, body);
  }
  return own;
}

/** But for the time: one that was not given is that of the first sending. */
function holdsSame(given: ConversionEvent, stored: ConversionEvent): boolean {
  const untimed = (event: ConversionEvent) => JSON.stringify({ ...event, event_time: 0 });
  return untimed(given) === untimed(stored);
}

async function store(
  services: OutboxGatewayServices,
  { domain, actor, apiKeyId }: GatewayShop,
  events: readonly MappedEvent[],
): Promise<GivenOutcome[]> {
  const shop = await loadMappingShop(services.db.pool, domain);
  if (shop === undefined) throw new UnknownShopError(domain);
  return commitGivenEvents(services, { shop, actor, apiKeyId }, events);
}

async function awaitOutcomes(
  services: OutboxGatewayServices,
  shop: GatewayShop,
  events: readonly MappedEvent[],
  { waitSeconds, onSettled }: Parameters<OutboxGateway["send"]>[1],
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

/**
 * Returns the state of an event in the outbox as a task's result. The event is the shop's event
 * with this identity: an earlier one with it counts. `event`: its payload, if the caller may see
 * it.
 */
export function toResult(
  index: number,
  { kind, eventId }: Pick<MappedEvent, "kind" | "eventId">,
  standing: EventStanding | undefined,
  event: ConversionEvent | null,
): TaskResult {
  return {
    index,
    event_id: standing?.eventId ?? eventId,
    event_name: kind,
    ...toResultStatus(standing),
    ...(event === null ? { stored: true } : { event }),
  };
}

/** The state of an event in the outbox, as a result's status. */
export function toResultStatus(
  standing: EventStanding | undefined,
): Pick<TaskResult, "status" | "warning" | "error"> {
  const { state = "pending", reason = null, warning = null } = standing ?? {};
  switch (state) {
    case "accepted":
      return { status: "accepted", warning, error: null };
    case "held":
    case "pending":
      return { status: "pending", warning: null, error: null };
    case "rejected":
      return refused(
        "failed",
        taskError("rejected", "event_refused", { answer: reason ?? "none" }),
      );
    case "expired":
      return refused("failed", taskError("expired", "out_of_time", {}));
    case "skipped":
      return refused(
        "skipped",
        taskError(reason as SkipReason, "kept_back", { reason: reason ?? "" }),
      );
  }
}

function refused(status: "failed" | "skipped", error: RowError) {
  return { status, warning: null, error };
}
