import { expect } from "vitest";
import { LEASE_MS } from "#app/outbox/drain/claim-accounts.server.ts";
import { makeShop } from "#test/support/outbox-fixture.ts";
import { pixelOwner } from "#test/support/pixel-server.ts";
import { hearPixel } from "#test/support/visit-fixture.ts";
import type { EventPath, Gate, StoppedWorker, StoreCrash } from "./event-path.ts";
import {
  buildPixelBody,
  buildWebhook,
  type Checkout,
  openCheckouts,
  type Scene,
  type SentWebhook,
  type Telling,
  type ToldBody,
  type Topic,
  Words,
} from "./shoppers.ts";

export interface LedgerRow {
  shop_id: bigint;
  kind: string;
  source_key: string;
  event_id: string;
  state: string;
  reason: string | null;
  consent: string | null;
}

interface ModelShop {
  id: bigint;
  domain: string;
  adAccountId: string;
  token: string;
  pixelKey: string;
  words: Words;
  isInstalled: boolean;
  /** When each of its uninstalls was triggered. */
  uninstalls: Date[];
}

/** What the model knows of an order. */
export interface OrderTruth {
  /** The first webhook that was taken, which says what the order was worth. */
  worth: string | null;
  /** Whether the shopper's consent was known before it. */
  wasAllowed: boolean;
  isCancelled: boolean;
}

let runs = 0;

/** One run: the shops, what the model knows of them, and what was done to them. */
export async function openWorld(path: EventPath, scene: Scene) {
  runs += 1;
  const shops = [await openShop(path, runs * 2), await openShop(path, runs * 2 + 1)] as const;
  return new World(path, scene, shops, openCheckouts(runs, scene));
}

async function openShop(path: EventPath, n: number): Promise<ModelShop> {
  const token = `pina_token_of_shop_${n}`;
  const { id, domain, adAccountId } = await makeShop(path, { token });
  await hearPixel(path.db, id);
  const { pixelKey } = await pixelOwner(path.db, domain);
  return {
    id,
    domain,
    adAccountId,
    token,
    pixelKey,
    words: new Words(),
    isInstalled: true,
    uninstalls: [],
  };
}

export class World {
  readonly path: EventPath;
  readonly scene: Scene;
  readonly shops: readonly [ModelShop, ModelShop];
  readonly checkouts: readonly [Checkout, Checkout, Checkout, Checkout];
  /** Each webhook that Shopify has sent, by its id: it is the same at each delivery. */
  readonly webhooks = new Map<string, SentWebhook>();
  /** Those that were not answered with 200: Shopify sends them again. */
  readonly unanswered = new Set<string>();
  readonly answered = new Set<string>();
  readonly bodies: ToldBody[] = [];
  readonly stopped: StoppedWorker[] = [];
  /** Workers that stopped, but for those that settled in time: Pinterest may have their events. */
  readonly unsettled = new Set<StoppedWorker>();
  /** Events that must not be sent any more, as `keyOf` names them. */
  readonly #barred = new Set<string>();
  /** Those that were held when their shopper refused, and nobody has looked at since. */
  readonly #refusedWhileHeld = new Set<string>();
  readonly orders = new Map<Checkout, OrderTruth>();
  hasSkippedWeek = false;

  constructor(path: EventPath, scene: Scene, shops: World["shops"], checkouts: World["checkouts"]) {
    this.path = path;
    this.scene = scene;
    this.shops = shops;
    this.checkouts = checkouts;
    for (const checkout of checkouts) {
      this.orders.set(checkout, { worth: null, wasAllowed: false, isCancelled: false });
    }
  }

  get accounts(): string[] {
    return this.shops.map(({ adAccountId }) => adAccountId);
  }

  async ledger(): Promise<LedgerRow[]> {
    const { rows } = await this.path.db.pool.query<LedgerRow>({
      name: "model-ledger",
      text: `select shop_id, kind, source_key, event_id, state, reason, consent from event
        where shop_id = any($1) order by id`,
      values: [this.shops.map(({ id }) => id.toString())],
    });
    return rows;
  }

  checkoutOf({ shop_id: shopId, source_key: key }: LedgerRow): Checkout {
    const found = this.checkouts.find(
      ({ shop, orderId, token }) =>
        this.shops[shop].id === shopId && [orderId, token].includes(key),
    );
    if (found === undefined) throw new Error(`an event of nothing that happened: ${key}`);
    return found;
  }

  wordsOf({ shop }: Checkout): Words {
    return this.shops[shop].words;
  }

  webhook(checkout: Checkout, topic: Topic): SentWebhook {
    const { domain } = this.shops[checkout.shop];
    const built = buildWebhook(checkout, topic, this.scene, domain);
    const id = `${domain} ${built.headers.webhookId}`;
    const known = this.webhooks.get(id);
    if (known !== undefined) return known;
    this.webhooks.set(id, built);
    return built;
  }

  /** Delivers webhooks as one group. */
  async deliver(webhooks: readonly SentWebhook[], crash: StoreCrash): Promise<void> {
    const refusedBefore = new Map(
      this.checkouts.map((checkout) => [
        checkout,
        (kind: string) => this.wordsOf(checkout).isAllowed(checkout, kind) === false,
      ]),
    );
    const wasAllowed = new Map(
      this.checkouts.map((each) => [each, this.wordsOf(each).ownWord(each) === true]),
    );
    const known = new Map((await this.ledger()).map((row) => [keyOf(row), row.state]));
    const stored = await this.path.storeGroup(webhooks, crash);
    for (const [index, { headers, checkout }] of webhooks.entries()) {
      const id = `${headers.shopDomain} ${headers.webhookId}`;
      const shop = this.shops[checkout.shop];
      const as = stored?.[index] ?? "failed";
      const isBack = (headers.triggeredAt ?? 0) > (shop.uninstalls.at(-1) ?? 0);
      if (!shop.isInstalled) {
        if (stored !== null) {
          expect(as === "not_installed", `${id} of an uninstalled shop: ${as}`).toBe(!isBack);
        }
        // A process may have ended after it found the shop back, and before it stored the webhook.
        shop.isInstalled = isBack && (stored !== null || (await this.#isInstalled(shop)));
      }
      if (as === "failed" || as === "blocked") this.unanswered.add(id);
      else {
        this.unanswered.delete(id);
        if (as !== "not_installed") this.answered.add(id);
      }
    }
    const after = await this.ledger();
    for (const row of after) {
      const checkout = this.checkoutOf(row);
      const was = known.get(keyOf(row));
      const isNew = was === undefined;
      if (isNew && refusedBefore.get(checkout)?.(row.kind)) this.#barred.add(keyOf(row));
      if (row.kind !== "checkout") continue;
      const order = this.orders.get(checkout) as OrderTruth;
      if (isNew) order.wasAllowed = wasAllowed.get(checkout) === true;
      // A later webhook may lift a skip, and then it says what the order is worth.
      const isDecided = isNew || (was === "skipped" && row.state !== "skipped");
      const purchase = webhooks.find(
        (each) => each.checkout === checkout && ["created", "paid"].includes(each.topic),
      );
      if (isDecided) order.worth = purchase?.worth ?? null;
    }
    if (stored === null) return;
    for (const { checkout, topic } of webhooks) {
      if (topic !== "cancelled") continue;
      const order = this.orders.get(checkout) as OrderTruth;
      order.isCancelled = true;
      const row = after.find(
        (each) => this.checkoutOf(each) === checkout && each.kind === "checkout",
      );
      if (row !== undefined && !this.#mayBeAtPinterest(row.event_id)) this.#barred.add(keyOf(row));
    }
    if (crash === "none") {
      for (const { checkout } of webhooks) await this.release(checkout);
    }
    await this.#barRefusedHeld();
  }

  async #isInstalled({ id }: ModelShop): Promise<boolean> {
    const { rows } = await this.path.db.pool.query("select state from shop where id = $1", [
      id.toString(),
    ]);
    return rows[0]?.state === "installed";
  }

  async release(checkout: Checkout): Promise<void> {
    await this.path.releaseHeld(this.shops[checkout.shop].id, checkout.token);
  }

  async tell(
    by: { shop: 0 | 1; hasGoodKey: boolean },
    checkout: Checkout,
    telling: Telling,
    isCutOff: boolean,
  ): Promise<void> {
    const { domain, pixelKey } = this.shops[by.shop];
    const key = by.hasGoodKey ? pixelKey : this.shops[by.shop === 0 ? 1 : 0].pixelKey;
    const told = buildPixelBody({ ...by, domain, pixelKey: key }, checkout, telling, this.scene);
    this.bodies.push(told);
    await this.replay([told], isCutOff);
  }

  /** Bodies come again, as one group. */
  async replay(bodies: readonly ToldBody[], isCutOff: boolean): Promise<void> {
    const stored = await this.path.storePixels(
      bodies.map(({ body }) => body),
      isCutOff,
    );
    for (const [index, told] of bodies.entries()) {
      const shop = this.shops[told.shop];
      const isHeard = told.hasGoodKey && shop.isInstalled;
      const as = stored[index];
      expect(as === "unknown", `a body of a pixel was ${as}`).toBe(!isHeard);
      if (isHeard) await this.#hear(shop, told);
      if (!isCutOff) await this.path.releaseHeld(shop.id, told.checkout.token);
    }
    await this.#barRefusedHeld();
  }

  /** A shopper may allow again what they refused while nobody looked at the order. */
  async #hear({ words }: ModelShop, told: ToldBody): Promise<void> {
    const held = this.#refusedWhileHeld.size === 0 ? [] : (await this.ledger()).filter(isHeld);
    words.hear(told);
    for (const row of held) {
      const checkout = this.checkoutOf(row);
      if (this.wordsOf(checkout).ownWord(checkout) === true) {
        this.#refusedWhileHeld.delete(keyOf(row));
      }
    }
  }

  /** What is held while its shopper refuses is not sent, whoever looks at it next. */
  async #barRefusedHeld(): Promise<void> {
    for (const row of (await this.ledger()).filter(isHeld)) {
      const checkout = this.checkoutOf(row);
      if (this.wordsOf(checkout).ownWord(checkout) === false) {
        this.#refusedWhileHeld.add(keyOf(row));
      }
    }
  }

  isBarred(key: string): boolean {
    return this.#barred.has(key) || this.#refusedWhileHeld.has(key);
  }

  #mayBeAtPinterest(eventId: string): boolean {
    const isOnTheWay = this.stopped.some(({ ids }) => ids.includes(eventId));
    const { requests } = this.path.pinterest.ledger;
    return isOnTheWay || requests.some(({ ids }) => ids.includes(eventId));
  }

  async work(gate: Gate, answer: "good" | "lost" | "unavailable" = "good"): Promise<void> {
    for (const adAccountId of answer === "good" ? [] : this.accounts) {
      const scope = { adAccountId, times: 1 };
      if (answer === "lost") this.path.pinterest.fail({ kind: "reset", recorded: true, ...scope });
      else this.path.pinterest.fail({ kind: "status", status: 503, ...scope });
    }
    const gone = this.shops.filter(({ isInstalled }) => !isInstalled);
    const sentFor = (account: string) =>
      this.path.pinterest.ledger.requests.filter(({ adAccountId }) => adAccountId === account)
        .length;
    const before = gone.map(({ adAccountId }) => sentFor(adAccountId));
    const { claimed, stopped } = await this.path.work(this.accounts, gate);
    for (const { adAccountId } of claimed) {
      const holder = this.stopped.find(
        ({ lease, age }) => lease.adAccountId === adAccountId && age * 1_000 < LEASE_MS,
      );
      expect(holder, "an ad account was leased twice").toBeUndefined();
    }
    this.stopped.push(...stopped);
    for (const worker of stopped) this.unsettled.add(worker);
    // A worker that stopped before its request meets the fault when it goes on.
    if (stopped.length === 0)
      for (const account of this.accounts) this.path.pinterest.heal(account);
    expect(gone.map(({ adAccountId }) => sentFor(adAccountId))).toEqual(before);
  }

  /** A worker that stopped goes on. One that lost its lease meanwhile changes nothing. */
  async resume(worker: StoppedWorker): Promise<void> {
    this.stopped.splice(this.stopped.indexOf(worker), 1);
    const { lease } = worker;
    const before = await this.#snapshot(lease.adAccountId);
    await worker.resume();
    const isStale =
      before.account?.fence !== lease.fence.toString() || before.account.lease_until === null;
    const after = await this.#snapshot(lease.adAccountId);
    if (isStale) expect(after, "a stale lease settled something").toEqual(before);
    else this.unsettled.delete(worker);
    if (!isStale) expect(after.account?.lease_until, "a lease was not given back").toBeNull();
  }

  async #snapshot(account: string) {
    const { pool } = this.path.db;
    const accounts = await pool.query(
      "select fence::text, lease_until, failures, next_at from due_account where ad_account_id = $1",
      [account],
    );
    const events = await pool.query(
      "select id, state, attempts, next_at, answer_lost from event where ad_account_id = $1 order by id",
      [account],
    );
    return { account: accounts.rows[0], events: events.rows };
  }

  /** What a failed run left is nobody's next work. */
  async leave(): Promise<void> {
    await this.path.db.pool.query(
      "update due_account set next_at = 'infinity', lease_until = null where ad_account_id = any($1)",
      [this.accounts],
    );
  }

  async passTime(seconds: number): Promise<void> {
    for (const worker of this.stopped) worker.age += seconds;
    if (seconds > 86_400) this.hasSkippedWeek = true;
    const ids = this.shops.map(({ id }) => id);
    await this.path.passTime(this.accounts, ids, seconds);
  }
}

const isHeld = ({ state }: LedgerRow) => state === "held";

export const keyOf = ({ shop_id: shop, kind, source_key: key }: LedgerRow) =>
  `${shop} ${kind} ${key}`;
