import { expect, test } from "vitest";
import { actOnEvent } from "#app/admin/event/act-on-event.server.ts";
import { actionBars } from "#app/admin/event/texts.ts";
import { logReveal, sendNow } from "#app/outbox/by-hand.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { makeShop, strangeKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { openShopOfFiveOrders, uniqueAccount } from "../sent-events.ts";
import { barsOf, viewEvent } from "./event-view-fixture.ts";

const { db, keyring, shop } = await openShopOfFiveOrders();

const chosen = (order: string, shopId = shop.id) => ({
  shopId,
  eventId: `order-${order}-checkout`,
  kind: "checkout",
});

async function auditOf(action: string) {
  const { rows } = await db.pool.query(
    "select shop_id, actor, before, after from audit_entry where action = $1 order by id",
    [action],
  );
  return rows;
}

test("showing what is masked leaves one entry, with the person and the event and no value", async () => {
  expect(await logReveal({ db }, chosen("1"), "user:42")).toBe(true);
  expect(await auditOf("event.reveal")).toEqual([
    {
      shop_id: shop.id,
      actor: "user:42",
      before: null,
      after: { event_id: "order-1-checkout", event_name: "checkout" },
    },
  ]);
});

test("nobody reveals or hurries another shop's event, and the attempt leaves nothing", async () => {
  const stranger = await makeShop({ db, keyring }, { adAccountId: uniqueAccount() });
  const entries = (await auditOf("event.reveal")).length;
  expect(await logReveal({ db }, chosen("1", stranger.id), "user:7")).toBe(false);
  expect(await sendNow({ db }, chosen("4", stranger.id), "user:7")).toBe(false);
  expect(await auditOf("event.reveal")).toHaveLength(entries);
  expect(await auditOf("event.send_now")).toEqual([]);
});

test("an event that waits for its next try is due at once, once", async () => {
  const answers = await Promise.all([
    sendNow({ db }, chosen("4"), "user:42"),
    sendNow({ db }, chosen("4"), "user:42"),
  ]);
  expect(answers.sort()).toEqual([false, true]);
  expect(await auditOf("event.send_now")).toMatchObject([
    { actor: "user:42", after: { event_id: "order-4-checkout" } },
  ]);
  const [lease] = await eventually(async () => {
    const leases = await claimAccounts({ db }, 1);
    return leases.length > 0 ? leases : null;
  });
  const { due } = await readDueEvents({ db, keyring }, lease as NonNullable<typeof lease>);
  expect(due.map(({ payload }) => JSON.parse(payload).event_id)).toEqual(["order-4-checkout"]);
});

test("an event that came to its end is not hurried", async () => {
  for (const order of ["1", "3", "5"]) {
    expect(await sendNow({ db }, chosen(order), "user:42")).toBe(false);
  }
});

test("an event whose key is lost can't be sent again, on its page and by its button alike", async () => {
  const lost = { db, keyring: strangeKeyring() };
  const page = await viewEvent(lost, shop, "order-3-checkout");
  expect(barsOf(page).sendAgain).toBe(actionBars.no_body);
  const services = lost as unknown as Parameters<typeof actOnEvent>[0];
  const merchant = { shop, actor: "user:42" } as unknown as Parameters<typeof actOnEvent>[1];
  const request = { ...chosen("3"), intent: "sendAgain", fingerprint: "" };
  const fault = actionBars.no_body;
  expect(await actOnEvent(services, merchant, request)).toEqual({ kind: "failed", fault });
  expect(await auditOf("events.replay")).toEqual([]);
});
