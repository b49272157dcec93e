import { isbot } from "isbot";
import type { BrowserEvent } from "#app/events/browser-event.ts";
import type { CustomerTrace, MappedEvent } from "#app/events/mapped-event.ts";
import type { Visit } from "#app/events/visit.ts";
import {
  commitIsolatingBadRows,
  type NotCommitted,
  type Patience,
} from "#app/intake/commit-isolating-bad-rows.server.ts";
import { releaseSoon } from "#app/intake/release-soon.server.ts";
import { createSerializer } from "#app/intake/serializer.server.ts";
import type { ThreadServices } from "#app/intake/thread/serve-store-thread.server.ts";
import { listPageKeys } from "#app/mapping/identify-browser-event.server.ts";
import { mapBrowserEvent } from "#app/mapping/map-browser-event.server.ts";
import { traceRefusedForm } from "#app/mapping/person/sign-up-form.server.ts";
import { traceBrowserSignUp } from "#app/mapping/person/trace-customer.server.ts";
import { buildPolicy } from "#app/mapping/shop-policy.server.ts";
import {
  type BrowserOutcome,
  type BrowserRow,
  commitBrowserRows,
} from "#app/outbox/append/commit-browser-rows.server.ts";
import type { HeldFor } from "#app/outbox/append/release-held.server.ts";
import { createTokenBuckets, type TokenBuckets } from "#app/platform/http/token-buckets.server.ts";
import { loadMappingShops, type MappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { listVisitRows } from "./list-visit-rows.server.ts";
import { type Arrival, type ReadPixelBody, readPixelBody } from "./read-pixel-body.server.ts";
import { createStorefrontNotes, type StorefrontNotes } from "./storefront-notes.server.ts";

/** A body of the pixel, and what is known of it. */
export interface PixelBody extends Arrival {
  body: Buffer;
}

/**
 * What became of a body. `unknown`: no shop that has the app installed has this key. `over_limit`:
 * the shop sends more than it may.
 */
export type PixelResult =
  | { as: BrowserOutcome | NotCommitted | "unknown" | "bot" | "over_limit" }
  | { as: "faulty"; message: string };

/** The limit of a shop, whose pixel's key everyone can read in its pages. */
const SHOP_LIMITS = { perSecond: 2_000, burst: 10_000, maxKeys: 20_000 };

interface StoreServices extends ThreadServices {
  shopLimits: TokenBuckets;
  notes: StorefrontNotes;
  serialize: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Makes what stores groups of bodies: one result for each, by index. */
export function createPixelStore(
  services: ThreadServices,
): (bodies: readonly PixelBody[], patience: Patience) => Promise<PixelResult[]> {
  const own = {
    ...services,
    shopLimits: createTokenBuckets(SHOP_LIMITS),
    notes: createStorefrontNotes(services),
    serialize: createSerializer(),
  };
  return (bodies, patience) => storePixelBodies(own, bodies, patience);
}

async function storePixelBodies(
  services: StoreServices,
  bodies: readonly PixelBody[],
  patience: Patience,
): Promise<PixelResult[]> {
  const reads = bodies.map(({ body, ...arrival }) => readPixelBody(body, arrival));
  const domains = reads.flatMap((read) => (read.kind === "event" ? [read.shop] : []));
  const shops = await loadMappingShops(services.db.pool, [...new Set(domains)]);
  const rows: { index: number; row: BrowserRow }[] = [];
  const results = reads.map((read, index): PixelResult => {
    const judged = judge(services, bodies[index] as PixelBody, read, shops);
    if ("as" in judged) return judged;
    rows.push({ index, row: judged });
    return { as: "no_event" };
  });
  const isFirstOfSome = [...shops.values()].some(({ hasPixel }) => !hasPixel);
  const outcomes = await commitRows(
    services,
    rows.map(({ row }) => row),
    patience,
  );
  for (const [position, { index }] of rows.entries()) {
    results[index] = { as: outcomes[position] ?? "failed" };
  }
  // The order of the first visit may come next: webhooks look for visits of shops with a pixel alone.
  if (isFirstOfSome) await services.notes.writeHeard();
  services.notes.write();
  releaseSoon(services, listEndsOfHolds(rows.map(({ row }) => row)));
  return results;
}

/**
 * Commits one group after the other: two would wait for each other's counters. What waits for rows
 * that another transaction holds goes beside them.
 */
function commitRows(
  services: StoreServices,
  rows: readonly BrowserRow[],
  patience: Patience,
): Promise<(BrowserOutcome | NotCommitted)[]> {
  const { log, serialize } = services;
  const way = {
    log,
    commit: (some: readonly BrowserRow[], lockTimeoutMs: number) =>
      commitBrowserRows(services, some, lockTimeoutMs),
    rescue: async (_row: BrowserRow, _lockTimeoutMs: number, error: unknown) => {
      log.error({ err: error }, "the database rejected the content of a pixel's body");
      return "no_event" as const;
    },
  };
  const work = () => commitIsolatingBadRows(way, rows, patience);
  return patience === "patient" ? work() : serialize(work);
}

/** Lists what an order may be held for and is told now: that its checkout is complete, or a refusal. */
function listEndsOfHolds(rows: readonly BrowserRow[]): HeldFor[] {
  return rows.flatMap(({ visits }) =>
    visits.filter(({ visit }) => isOver(visit)).map(({ shopId, key }) => ({ shopId, key })),
  );
}

function isOver({ completedEventId, consent }: Visit): boolean {
  return completedEventId !== null || consent.marketingAllowed === false;
}

/**
 * Finds what a body is to store, or why it stores nothing. A shop's limit counts only bodies with
 * its key: a stranger who knows no more than its name uses up nothing of it.
 */
function judge(
  services: StoreServices,
  { userAgent }: PixelBody,
  read: ReadPixelBody,
  shops: ReadonlyMap<string, MappingShop>,
): PixelResult | BrowserRow {
  if (read.kind === "faulty") return { as: "faulty", message: read.message };
  const shop = shops.get(read.shop);
  if (shop === undefined || shop.pixelKey !== read.key) return { as: "unknown" };
  if (services.shopLimits.take(shop.domain, services.nowMs()) > 0) return { as: "over_limit" };
  // The pattern is a long one, and a browser's header names what its page does.
  const isOther = read.userAgent !== userAgent;
  if (isbot(userAgent) || (isOther && isbot(read.userAgent))) return { as: "bot" };
  const { event } = read;
  const { action } = event;
  // The theme's script tells of forms itself: that proves nothing of the pixel.
  if (action.kind !== "signup_form") {
    services.notes.add(shop, action.kind === "page_report" ? action.report : null);
  }
  const mapped = mapEvent(services, shop, event);
  const pageKeys = mapped === null ? [] : listPageKeys(mapped.sourceKey);
  const trace = traceSignUp(shop, event, mapped);
  return { shop, visits: listVisitRows(shop, event), mapped, trace, pageKeys };
}

function traceSignUp(
  shop: MappingShop,
  { action, consent, happenedAtMs }: BrowserEvent,
  mapped: MappedEvent | null,
): CustomerTrace | null {
  if (action.kind === "signup_form") {
    const isRefused = consent.marketingAllowed === false;
    const atSeconds = Math.floor(happenedAtMs / 1_000);
    return isRefused ? traceRefusedForm(shop.domain, action.emailDigest, atSeconds) : null;
  }
  const email = action.kind === "custom" ? action.fields.email : null;
  if (email === null) return null;
  return traceBrowserSignUp(mapped, buildPolicy(shop), { emails: [{ value: email }] });
}

/** Null where it feeds no event, or none that could be sent: nobody who sends it is to be told. */
function mapEvent(
  { log, nowMs }: StoreServices,
  shop: MappingShop,
  event: BrowserEvent,
): MappedEvent | null {
  try {
    return mapBrowserEvent(event, buildPolicy(shop), Math.floor(nowMs() / 1_000));
  } catch (error) {
    log.debug({ err: error }, "what a browser told could not be mapped");
    return null;
  }
}
