import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { computeKeyBits } from "#app/events/match-keys.ts";
import { joinLateForm } from "#app/mapping/person/sign-up-form.server.ts";
import { joinLateForms } from "#app/outbox/append/join-late-forms.server.ts";
import { skipGuests } from "#app/outbox/append/skip-guests.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { redactCustomer } from "#app/privacy/act-on-requests.server.ts";
import { readStates } from "#test/support/outbox-fixture.ts";
import { BROWSER, type PixelParts } from "#test/support/pixel-server.ts";
import type { Body } from "#test/unit/mapping/web-order.ts";
import { agoMinutes, openSignUpWorld, type Shop } from "./sign-up-world.ts";

const world = await openSignUpWorld();
const { db, store, signUpOf } = world;

describe("the form of a new customer that the theme's script told of", () => {
  const customData = {
    email_digest: createHash("sha256").update("guest@example.com").digest("hex"),
  };
  const form = (shop: Shop, parts: PixelParts = {}, ip = "203.0.113.9") =>
    world.tell(shop, "pinrelay:signup_form", { clickId: "dj0yForm", customData, ...parts }, ip);
  const refused = { consent: { marketingAllowed: false } };
  /** A shop whose pixel was heard: no other has its visits read. */
  const heardShop = async (settings: Record<string, string> = {}) => {
    const shop = await world.newShop(settings);
    await db.pool.query("update shop set last_pixel_at = now() where id = $1", [shop.id]);
    return shop;
  };
  const comes = (shop: Shop, changes: Body = {}) =>
    world.customer(shop, { created_at: agoMinutes(0), ...changes });
  const personOf = async (shop: Shop) => {
    const { rows } = await db.pool.query<{ body: Buffer }>(
      "select body from event_payload where shop_id = $1",
      [shop.id],
    );
    const sealed = rows[0]?.body ?? Buffer.alloc(0);
    const identity = payloadIdentity(shop.id, "signup", "7001");
    const opened = await world.keyring.decrypt(db.pool, sealed, identity);
    return JSON.parse(opened.toString()).user_data;
  };

  test("gives its sign-up the browser's address, click id and page, under the customer's own id", async () => {
    const shop = await heardShop();
    expect(await form(shop)).toBe("told");
    await store([comes(shop)]);
    expect(await signUpOf(shop)).toBe("held");
    expect(await personOf(shop)).toMatchObject({
      click_id: "dj0yForm",
      client_ip_address: "203.0.113.9",
      client_user_agent: BROWSER,
    });
    expect(await readStates(db, shop.id)).toHaveLength(1);
  });

  test.each([
    ["told before it", { state: "enabled" }, true, "skipped:consent_refused"],
    ["told before it, where the customer waits", {}, true, "skipped:consent_refused"],
    ["told after it", {}, false, "skipped:consent_refused"],
  ])(
    "of a shopper who refuses keeps the sign-up back: %s",
    async (_name, changes, isFirst, end) => {
      const shop = await heardShop();
      if (isFirst) await form(shop, refused);
      await store([comes(shop, changes)]);
      if (!isFirst) await form(shop, refused);
      // Nobody else's word takes a refusal back.
      await form(shop, {}, "198.51.100.66");
      await skipGuests({ db });
      expect(await signUpOf(shop)).toBe(end);
      const { rows } = await db.pool.query("select consent from event where shop_id = $1", [
        shop.id,
      ]);
      expect(rows).toEqual([{ consent: "refused:browser" }]);
    },
  );

  test("is believed of no browser where two told of it", async () => {
    const shop = await heardShop();
    await form(shop);
    await form(shop, { clickId: "dj0yTheirs" }, "198.51.100.66");
    await store([comes(shop)]);
    expect(await signUpOf(shop)).toBe("held");
    const person = await personOf(shop);
    expect(person?.click_id).toBeUndefined();
    expect(person?.client_ip_address).toBeUndefined();
  });

  test("gives no consent where that is required: anyone can tell of a form", async () => {
    const shop = await heardShop({ "consent.default": "require" });
    await form(shop);
    await store([comes(shop)]);
    expect(await signUpOf(shop)).toBe("skipped:consent_unknown");
  });

  test.each([
    ["long before the customer", "interval '12 minutes'"],
    ["after the customer", "interval '-2 minutes'"],
  ])("is not joined where it was told %s", async (_name, since) => {
    const shop = await heardShop();
    await form(shop);
    await db.pool.query(`update visit set seen_at = now() - ${since} where shop_id = $1`, [
      shop.id,
    ]);
    await store([comes(shop)]);
    expect((await personOf(shop))?.client_ip_address).toBeUndefined();
  });

  test("takes nothing where a stranger told of it before, dated to come: of two browsers neither is believed", async () => {
    const shop = await heardShop();
    await form(shop, { timestamp: "2099-01-01T00:00:00Z" }, "198.51.100.66");
    await form(shop);
    await store([comes(shop)]);
    expect((await personOf(shop))?.client_ip_address).toBeUndefined();
  });

  describe("told after the customer", () => {
    /** As in the last minutes of the customer's wait. */
    const wait = async (shop: Shop) => {
      const by = "interval '28 minutes'";
      for (const [table, columns] of [
        ["event", ["created_at", "next_at"]],
        ["customer_trace", ["happened_at"]],
        ["visit", ["seen_at"]],
      ] as const) {
        const earlier = columns.map((column) => `${column} = ${column} - ${by}`);
        await db.pool.query(`update ${table} set ${earlier} where shop_id = $1`, [shop.id]);
      }
    };
    const join = () => {
      const log = createLogger("silent");
      return joinLateForms({ db, keyring: world.keyring, log, join: joinLateForm });
    };

    test("gives it the same before the customer's wait is over, and keeps it waiting", async () => {
      const shop = await heardShop();
      await store([comes(shop)]);
      await form(shop);
      expect(await join()).toBe(0);
      await wait(shop);
      const { rows } = await db.pool.query("select * from event where shop_id = $1", [shop.id]);
      for (let time = 0; time < 2; time += 1) {
        expect(await join()).toBe(1);
        expect(await personOf(shop)).toMatchObject({
          click_id: "dj0yForm",
          client_ip_address: "203.0.113.9",
        });
      }
      const person = await personOf(shop);
      const after = await db.pool.query("select * from event where shop_id = $1", [shop.id]);
      const key_bits = computeKeyBits(person);
      expect(after.rows).toEqual([{ ...rows[0], key_bits }]);
    });

    test("gives it nothing where another browser told of it too, or the form came too late", async () => {
      const [two, late] = [await heardShop(), await heardShop()];
      for (const shop of [two, late]) {
        await store([comes(shop)]);
        await form(shop);
      }
      await form(two, { clickId: "dj0yTheirs" }, "198.51.100.66");
      await db.pool.query(
        "update visit set seen_at = seen_at + interval '70 seconds' where shop_id = $1",
        [late.id],
      );
      for (const shop of [two, late]) await wait(shop);
      await join();
      for (const shop of [two, late]) {
        const person = await personOf(shop);
        expect([person.click_id, person.client_ip_address]).toEqual([undefined, undefined]);
      }
    });
  });

  test("goes with the person when Shopify asks for it", async () => {
    const shop = await heardShop();
    await form(shop);
    const person = { id: 7001, email: "guest@example.com" };
    const request = { shop_domain: shop.domain, customer: person, orders_to_redact: [] };
    const received = { ...request, received_at: new Date() };
    await redactCustomer(world, received, Buffer.from(JSON.stringify(request)));
    const { rowCount } = await db.pool.query("select from visit where shop_id = $1", [shop.id]);
    expect(rowCount).toBe(0);
  });
});
