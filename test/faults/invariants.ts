import type { LedgerRequest } from "#test/sandbox/pinterest/ledger.ts";
import type { Observation } from "./observation.ts";
import { idsOf } from "./order-traffic.ts";

/** What must hold after every cell, whatever happened in it. Each gives a sentence for what does not. */
const INVARIANTS = {
  I1: isStored,
  I2: isSentOrExplained,
  I3: hasOneId,
  I4: isRepeatedOnlyAfterALostAnswer,
  I5: hasOneLeaseAtATime,
  I6: staysInItsShop,
  I7: leaksNothing,
  I8: keepsThePace,
  I9: addsUp,
  I10: isTrueToTheOrder,
} as const satisfies Record<string, (observed: Observation) => string[]>;

export type InvariantName = keyof typeof INVARIANTS;

/** Faults named by their invariant; empty when all hold. */
export function judge(observed: Observation): string[] {
  return Object.entries(INVARIANTS).flatMap(([name, check]) =>
    limit(check(observed)).map((fault) => `${name}: ${fault}`),
  );
}

const SHOWN = 5;

function limit(faults: string[]): string[] {
  const more = faults.length - SHOWN;
  return more > 0 ? [...faults.slice(0, SHOWN), `… and ${more} more`] : faults;
}

const keyOf = (shopId: bigint, eventId: string) => `${shopId} ${eventId}`;

/** A webhook answered 2xx is stored. */
function isStored({ acknowledged, stored }: Observation): string[] {
  const known = new Set(stored.map(({ shopId, eventId }) => keyOf(shopId, eventId)));
  return [...acknowledged.values()]
    .filter(({ ends }) => ends !== "any")
    .filter((order) => !idsOf(order).some((id) => known.has(keyOf(order.shop.id, id))))
    .map(({ eventId }) => `${eventId} was acknowledged, and is not stored`);
}

const TERMINAL = ["accepted", "rejected", "skipped", "expired"];

/** Each order is accepted by Pinterest once, or ended with a reason; nothing else was sent. */
function isSentOrExplained(observed: Observation): string[] {
  const { acknowledged, sent, stored, accepted, shops, requests } = observed;
  const faults: string[] = [];
  const refused = new Set(requests.flatMap(({ failedIds }) => failedIds));
  const accountOf = new Map(shops.map(({ id, adAccountId }) => [id, adAccountId]));
  const at = new Set(accepted.map(({ adAccountId, eventId }) => `${adAccountId} ${eventId}`));
  for (const { shopId, eventId, state, reason } of stored) {
    const isTaken = at.has(`${accountOf.get(shopId)} ${eventId}`);
    if (!TERMINAL.includes(state)) faults.push(`${eventId} is still ${state}`);
    else if (state === "accepted" && !isTaken)
      faults.push(`${eventId} counts as accepted, and Pinterest has it not`);
    else if (state !== "accepted" && isTaken)
      faults.push(`${eventId} is ${state}, and Pinterest has it`);
    else if (state !== "accepted" && !reason)
      faults.push(`${eventId} is ${state} without a reason`);
  }
  const states = new Map(stored.map((event) => [keyOf(event.shopId, event.eventId), event.state]));
  for (const order of acknowledged.values()) {
    for (const id of idsOf(order)) {
      const state = states.get(keyOf(order.shop.id, id));
      const isWrong = state !== undefined && state !== "accepted" && !refused.has(id);
      if (order.ends === "sent" && isWrong)
        faults.push(`${id} should have been sent, and is ${state}`);
    }
  }
  const known = new Set(
    [...sent.values()].flatMap((order) => idsOf(order).map((id) => keyOf(order.shop.id, id))),
  );
  for (const { shopId, eventId, reason } of stored) {
    if (reason !== "unreadable" && !known.has(keyOf(shopId, eventId)))
      faults.push(`${eventId} is stored, and nobody sent it`);
  }
  return faults;
}

/** One order and kind has one event id, in the outbox and at Pinterest. */
function hasOneId({ stored, accepted, sent }: Observation): string[] {
  const idsByOrder = new Map<string, Set<string>>();
  const note = (order: string, eventId: string) =>
    idsByOrder.set(order, (idsByOrder.get(order) ?? new Set()).add(eventId));
  for (const { shopId, orderId, eventId } of stored) {
    if (orderId !== null) note(`order ${orderId} of shop ${shopId}`, eventId);
  }
  for (const { adAccountId, event, eventId } of accepted) {
    const { order_id } = (event?.custom_data ?? {}) as { order_id?: string };
    if (order_id) note(`order ${order_id} at ${adAccountId}`, eventId);
  }
  const given = new Set([...sent.values()].flatMap(idsOf));
  const foreign = accepted.filter(({ eventId }) => !given.has(eventId));
  return [
    ...[...idsByOrder].filter(([, ids]) => ids.size > 1).map(([order]) => `${order} has two ids`),
    ...foreign.map(({ eventId }) => `Pinterest has ${eventId}, which no order has`),
  ];
}

/** An event goes again only where the answer to it was lost, and always with the same body. */
function isRepeatedOnlyAfterALostAnswer(observed: Observation): string[] {
  const { requests, violations, isHidden, stored } = observed;
  const faults = [
    ...violations
      .filter(({ kind }) => kind === "changed_repeat")
      .map(({ eventId }) => `${eventId} was sent again with another body`),
    ...stored
      .filter(({ state, answers }) => state === "accepted" && answers > 1)
      .map(({ eventId }) => `${eventId} was sent again after its answer was settled`),
  ];
  const answered = new Set<string>();
  for (const request of requests) {
    for (const id of request.ids) {
      const key = `${request.adAccountId} ${id}`;
      if (answered.has(key)) faults.push(`${id} was sent again although Pinterest had answered`);
      const isDecided = request.status === 200 && !request.failedIds.includes(id);
      if (isDecided && !isHidden(request)) answered.add(key);
    }
  }
  return faults;
}

/** An ad account has one request under way at most: two would be two leases. */
function hasOneLeaseAtATime({ requests }: Observation): string[] {
  const underWay = new Map<string, LedgerRequest>();
  const faults: string[] = [];
  for (const request of requests) {
    const before = underWay.get(request.adAccountId);
    if (before !== undefined && (before.endedAt === null || before.endedAt > request.at)) {
      faults.push(
        `${request.adAccountId} had requests ${before.number} and ${request.number} at once`,
      );
    }
    underWay.set(request.adAccountId, request);
  }
  return faults;
}

/** A shop's events go out under its own account and token alone. */
function staysInItsShop({ shops, sent, requests }: Observation): string[] {
  const faults: string[] = [];
  for (const { adAccountId, token } of shops) {
    const own = new Set<string>();
    for (const order of sent.values()) {
      if (order.shop.adAccountId === adAccountId) for (const id of idsOf(order)) own.add(id);
    }
    for (const request of requests) {
      if (request.adAccountId !== adAccountId) continue;
      if (request.token !== token) faults.push(`${adAccountId} was called with another's token`);
      const foreign = request.ids.filter((id) => !own.has(id));
      faults.push(...foreign.map((id) => `${id} of another shop was sent to ${adAccountId}`));
    }
  }
  return faults;
}

function leaksNothing({ leaks }: Observation): string[] {
  return leaks.map((text) => `${JSON.stringify(text)} is in a log or a metric`);
}

const CALLS_PER_MINUTE = 5_000;

/** Pinterest's limit is kept, and nobody calls before Retry-After says. */
function keepsThePace({ requests, peakCallsPerMinute, violations }: Observation): string[] {
  const faults = violations
    .filter(({ kind }) => kind === "rate_exceeded")
    .map(({ requestNumber }) => `request ${requestNumber} was over the limit`);
  if (peakCallsPerMinute > CALLS_PER_MINUTE) faults.push(`${peakCallsPerMinute} calls in a minute`);
  const notBefore = new Map<string, number>();
  for (const { adAccountId, at, number, status, retryAfter, endedAt } of requests) {
    const early = (notBefore.get(adAccountId) ?? 0) - at;
    if (early > 0) faults.push(`request ${number} came ${early} ms before Retry-After`);
    const seconds = status === 429 ? secondsOf(retryAfter, endedAt ?? at) : null;
    if (seconds !== null) notBefore.set(adAccountId, (endedAt ?? at) + seconds * 1_000);
  }
  return faults;
}

function secondsOf(retryAfter: string | null, at: number): number | null {
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? null : Math.max(0, (until - at) / 1_000);
}

/** Received = accepted + rejected + skipped + expired + pending, and each counted as it is. */
function addsUp({ miscounts }: Observation): string[] {
  return miscounts.map((row) => `counted wrongly: ${JSON.stringify(row, bigintAsText)}`);
}

const bigintAsText = (_key: string, value: unknown) =>
  typeof value === "bigint" ? String(value) : value;

/** Time, value and currency are the order's, to the digit. */
function isTrueToTheOrder({ sent, accepted, clockBehindSeconds }: Observation): string[] {
  const orders = new Map(
    [...sent.values()].flatMap((order) =>
      idsOf(order).map((id) => [`${order.shop.adAccountId} ${id}`, order] as const),
    ),
  );
  return accepted.flatMap(({ adAccountId, eventId, event }) => {
    const order = orders.get(`${adAccountId} ${eventId}`);
    if (order === undefined || order.ends === "any" || event === undefined) return [];
    const { value, currency } = (event.custom_data ?? {}) as Record<string, unknown>;
    const time = Number(event.event_time);
    const isOnTime = time <= order.eventTime && time >= order.eventTime - clockBehindSeconds;
    const found = [time, value, currency].join(" ");
    const wanted = [order.eventTime, order.value, order.currency].join(" ");
    const isTrue = isOnTime && value === order.value && currency === order.currency;
    return isTrue ? [] : [`${eventId} says ${found}, its order ${wanted}`];
  });
}
