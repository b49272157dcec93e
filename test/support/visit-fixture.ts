import type { MappedEvent } from "#app/events/mapped-event.ts";
import {
  type BrowserConsent,
  NO_EVIDENCE,
  type Visit,
  type VisitEvidence,
  visitKey,
} from "#app/events/visit.ts";
import { joinHeldEvent } from "#app/mapping/join-visit.server.ts";
import { releaseHeld } from "#app/outbox/append/release-held.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { sealVisit } from "#app/outbox/visit-body.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";

/** What a browser told of a checkout, where it differs from a shopper who allowed all and started it. */
export interface ToldVisit {
  startedEventId?: string | null;
  completedEventId?: string | null;
  consent?: Partial<BrowserConsent>;
  evidence?: Partial<VisitEvidence>;
  cartToken?: string;
}

const EVIDENCE: VisitEvidence = {
  clientId: "client-1",
  clickId: "dj0yJnU9Visit",
  ip: "203.0.113.7",
  userAgent: "Mozilla/5.0 (Macintosh) Safari/605.1.15",
  language: "fr-CA",
  location: null,
  page: "https://shop.example/fr-ca/checkouts/cn/5dcb1bbdf6b21e1d2cfd6f4e5a7b8c9d?key=secret",
};

function toldVisit({ consent, evidence, cartToken: _, ...ids }: ToldVisit = {}): Visit {
  const isRefused = consent?.marketingAllowed === false;
  return {
    startedEventId: "sh-started",
    completedEventId: null,
    ...ids,
    consent: { marketingAllowed: true, saleOfDataAllowed: true, ...consent },
    evidence: isRefused ? NO_EVIDENCE : { ...EVIDENCE, ...evidence },
  };
}

/** An event that waits for what the browser tells of a checkout. */
export function heldFor(checkoutToken: string, mapped: MappedEvent): MappedEvent {
  const { outcome } = mapped;
  if (outcome.kind === "skip") throw new Error("a skipped event does not wait");
  return {
    ...mapped,
    outcome: { ...outcome, heldForBrowser: { checkoutToken, cartToken: null, seconds: 60 } },
  };
}

/** Does what intake does after its commits, and waits for it. Returns how many orders it released. */
export async function release(
  { db, keyring }: { db: Database; keyring: Keyring },
  checkout: { shopId: bigint; checkoutToken: string },
): Promise<number> {
  const log = createLogger("silent");
  const waker = createWaker({ db, log });
  const { shopId, checkoutToken } = checkout;
  const held = [{ shopId, key: visitKey("checkout", checkoutToken) }];
  const released = await releaseHeld({ db, keyring, log, waker, join: joinHeldEvent }, held);
  await waker.settle(5_000);
  return released;
}

/** Marks a shop as one whose web pixel was heard. */
export async function hearPixel(db: Database, shopId: bigint): Promise<void> {
  await db.pool.query("update shop set last_pixel_at = now() where id = $1", [shopId.toString()]);
}

/** Stores a visit under one key, in place of what was there. */
export async function seedVisit(
  { db, keyring }: { db: Database; keyring: Keyring },
  place: { shopId: bigint; key: string },
  told: ToldVisit = {},
): Promise<void> {
  const visit = toldVisit(told);
  const keys = await keyring.ensure(db.pool, [place.shopId]);
  const { body, clickId } = sealVisit(keys, place, visit);
  await db.pool.query(
    `insert into visit (shop_id, visit_key, started_event_id, completed_event_id, completed_at,
        told_at, is_refused, body, click_id, check_at, cart_token)
      values ($1, $2, $3, $4, case when $4::text is not null then now() end, now(), $5, $6, $7,
        case when $4::text is not null then now() + interval '15 minutes' end, $8)
      on conflict (shop_id, visit_key) do update set started_event_id = $3, completed_event_id = $4,
        completed_at = excluded.completed_at, is_refused = $5, body = $6, click_id = $7,
        check_at = excluded.check_at, cart_token = $8`,
    [
      place.shopId.toString(),
      place.key,
      visit.startedEventId,
      visit.completedEventId,
      visit.consent.marketingAllowed === false,
      body,
      clickId,
      told.cartToken ?? null,
    ],
  );
}
