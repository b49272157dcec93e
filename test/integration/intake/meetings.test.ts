import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { settleUnsendable } from "#app/delivery/plan-settlements.server.ts";
import { visitKey } from "#app/events/visit.ts";
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import { storeWebhooks } from "#app/intake/store-webhooks.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import { createWaker } from "#app/outbox/waker.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, miscounts, testKeyring } from "#test/support/outbox-fixture.ts";
import { pixelBody, pixelOwner } from "#test/support/pixel-server.ts";
import { hearPixel, release } from "#test/support/visit-fixture.ts";
import { fixture } from "#test/unit/mapping/web-order.ts";

const keyring = testKeyring();
const log = createLogger("silent");
let db: TestDatabase;
let shop: Awaited<ReturnType<typeof makeShop>>;
let pixel: Awaited<ReturnType<typeof pixelOwner>>;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  shop = await makeShop({ db, keyring });
  await hearPixel(db, shop.id);
  pixel = await pixelOwner(db, shop.domain);
});

/** Connections on which intake looks for no held order after its commit: the test does, or does not. */
function withoutRelease() {
  const query = (statement: { name?: string }, ...rest: []) =>
    statement.name === "find-held"
      ? Promise.reject(new Error("the process ended here"))
      : db.pool.query(statement as never, ...rest);
  return { ...db, pool: Object.create(db.pool, { query: { value: query } }) };
}

type Step =
  | { kind: "created" | "paid" | "checkout"; isCutOff: boolean }
  | { kind: "started" | "completed" | "refused"; toldAt: number; isCutOff: boolean }
  | { kind: "wait" | "work" };

const isCutOff = fc.boolean();
const toldAt = fc.integer({ min: 0, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("created", "paid", "checkout"), isCutOff }),
  fc.record({ kind: fc.constantFrom("started", "completed", "refused"), toldAt, isCutOff }),
  fc.record({ kind: fc.constantFrom("wait", "work") }),
);

const late = (kind: "started" | "completed" | "refused", isCutOff = false): Step => {
  return { kind, toldAt: 4, isCutOff };
};
const early: Step = { kind: "started", toldAt: 0, isCutOff: false };
const created: Step = { kind: "created", isCutOff: false };

/** The orders of arrival that matter most, beside those that chance finds. */
const MEETINGS: Step[][] = [
  [early, created, late("completed")],
  [early, late("completed"), created],
  [created, early, late("completed")],
  [early, created, late("completed", true), created],
  [early, created, late("refused")],
  [early, created, late("refused", true)],
  [early, created, { kind: "wait" }, late("completed"), { kind: "work" }],
];

let checkouts = 0;
const startedAt = Date.now() - 120_000;

interface Sent {
  event_id: string;
  event_name: string;
}

/** One checkout, its order, and what happens to them. */
function openCheckout(country: string) {
  checkouts += 1;
  const id = 70_000 + checkouts;
  const token = `token-${id}`;
  const services = {
    db: withoutRelease(),
    keyring,
    log,
    waker: createWaker({ db, log }),
    nowMs: Date.now,
    serialize: <T>(work: () => Promise<T>) => work(),
  };
  const storePixels = createPixelStore(services);
  const sent: Sent[] = [];
  const place = { shipping_address: { country_code: country }, billing_address: null };
  const at = new Date(startedAt).toISOString();

  async function webhook(topic: string, body: object): Promise<void> {
    const headers = { shopDomain: shop.domain, topic, webhookId: `${id}`, triggeredAt: null };
    await storeWebhooks(services, [{ headers, body: Buffer.from(JSON.stringify(body)) }]);
  }

  async function tell(name: string, second: number, isAllowed: boolean): Promise<void> {
    const body = pixelBody(pixel, name, {
      id: `sh-${name}-${id}`,
      timestamp: new Date(startedAt + second * 1_000).toISOString(),
      consent: { marketingAllowed: isAllowed, saleOfDataAllowed: true },
      data: { checkout: { token, order: { id: name === "checkout_completed" ? `${id}` : null } } },
    });
    const arrival = { address: "203.0.113.9", userAgent: null, atMs: Date.now() };
    await storePixels([{ ...arrival, body: Buffer.from(JSON.stringify(body)) }], "patient");
  }

  /** A worker's turn, in which Pinterest accepts all. */
  async function work(): Promise<void> {
    await db.pool.query("update due_account set next_at = now() where ad_account_id = $1", [
      shop.adAccountId,
    ]);
    for (const lease of await claimAccounts({ db }, 10)) {
      const read = await readDueEvents({ db, keyring }, lease);
      sent.push(...read.due.map(({ payload }) => JSON.parse(payload)));
      const accepted = read.due.map(({ ref }) => {
        const state = "accepted" as const;
        return { ref, state, reason: null, warning: null, retryInMs: null };
      });
      await settleBatch({ db }, lease, {
        attempt: null,
        settlements: [...accepted, ...settleUnsendable(read)],
        release: { mayHaveMore: false, unusedAllowance: 0, pauseMs: null, failures: 0 },
      });
    }
  }

  const steps: Record<Step["kind"], (second: number) => Promise<unknown>> = {
    created: () => webhook("orders/create", order()),
    paid: () => webhook("orders/paid", order()),
    checkout: () => {
      const body = { ...fixture("2026-07.checkouts_create"), ...place, token, created_at: at };
      return webhook("checkouts/create", { ...body, email: "a@example.com" });
    },
    started: (second) => tell("checkout_started", second, true),
    completed: (second) => tell("checkout_completed", second, true),
    refused: (second) => tell("consent_changed", second, false),
    wait: () =>
      db.pool.query(
        "update event set next_at = next_at - interval '40 seconds' where shop_id = $1",
        [shop.id.toString()],
      ),
    work,
  };

  const order = () => {
    const body = { ...fixture("web-order"), ...place, id, checkout_token: token, customer: null };
    return { ...body, processed_at: at, email: "a@example.com" };
  };

  return {
    sent,
    order: String(id),
    async take(step: Step): Promise<void> {
      await steps[step.kind]("toldAt" in step ? step.toldAt : 0);
      const meets = "isCutOff" in step && !step.isCutOff;
      if (meets) await release({ db, keyring }, { shopId: shop.id, checkoutToken: token });
      await services.waker.settle(5_000);
    },
    async isRefused(): Promise<boolean> {
      const { rows } = await db.pool.query<{ is_refused: boolean }>(
        "select is_refused from visit where shop_id = $1 and visit_key = $2",
        [shop.id.toString(), visitKey("checkout", token)],
      );
      return rows[0]?.is_refused === true;
    },
    async ledger() {
      const { rows } = await db.pool.query<{
        kind: string;
        event_id: string;
        state: string;
        consent: string;
      }>(
        `select kind, event_id, state, consent from event
          where shop_id = $1 and source_key in ($2, $3) order by kind`,
        [shop.id.toString(), String(id), token],
      );
      return rows;
    },
  };
}

test("whatever comes first, twice, late or not at all: an order has one id, is sent once, and never against consent", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.constantFrom("US", "FR"),
      async (steps, country) => {
        const checkout = openCheckout(country);
        /** Kinds of events that a refusal stopped: it came before their webhook, or while they were held. */
        const stopped = new Set<string>();
        for (const taken of [...steps, { kind: "wait" }, { kind: "work" }] as Step[]) {
          const isRefused = await checkout.isRefused();
          const known = new Set((await checkout.ledger()).map(({ kind }) => kind));
          await checkout.take(taken);
          for (const { kind, state } of await checkout.ledger()) {
            // The browser's own event was made with the consent that it tells.
            const isOfStore = taken.kind !== "started";
            if (isRefused && !known.has(kind) && isOfStore) stopped.add(kind);
            if (state === "held" && (await checkout.isRefused())) stopped.add(kind);
          }
        }
        const { sent } = checkout;
        expect(sent.map(({ event_name: name }) => name).sort()).toEqual(
          [...new Set(sent.map(({ event_name: name }) => name))].sort(),
        );
        const ledger = await checkout.ledger();
        expect(new Set(ledger.map(({ kind }) => kind)).size).toBe(ledger.length);
        for (const { kind, event_id: id, state, consent } of ledger) {
          const own = sent.find(({ event_name: name }) => name === kind);
          expect([kind, own?.event_id]).toEqual([kind, state === "accepted" ? id : undefined]);
          if (state !== "accepted") continue;
          expect(stopped).not.toContain(kind);
          expect(consent).toMatch(country === "FR" ? /^allowed:browser$/ : /^allowed:/);
        }
      },
    ),
    { numRuns: 30, examples: MEETINGS.map((steps) => [steps, "US"]) },
  );
  expect(await miscounts(db)).toEqual([]);
});
