import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readPrivacy } from "#app/admin/privacy/read-privacy.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { refreshTokenIdentity } from "#app/events/encryption-identity.ts";
import { keepNoLonger } from "#app/privacy/schedule-privacy.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { testKeyring } from "#test/support/outbox-fixture.ts";
import { EMAIL, openPrivacy } from "./privacy-fixture.ts";

let db: TestDatabase;
let pinterest: LocalPinterest;
let privacy: ReturnType<typeof openPrivacy>;
type Shop = Awaited<ReturnType<typeof privacy.newShop>>;

beforeAll(async () => {
  db = await openTestDatabase();
  pinterest = await startLocalPinterest();
  privacy = openPrivacy(db, pinterest.url, pinterest.oauthClient);
});
afterAll(async () => {
  await pinterest.close();
  await db.close();
});
beforeEach(() => {
  pinterest.directory.offerDeletions(true);
  pinterest.directory.deletions.length = 0;
  pinterest.heal();
});

async function signedIn(): Promise<Shop> {
  const shop = await privacy.newShop();
  await db.pool.query("update connection set kind = 'sign_in' where shop_id = $1", [shop.id]);
  return shop;
}

const isDueAgain = (id: bigint) =>
  db.pool.query("update compliance_request set next_at = now() where id = $1", [id.toString()]);

const asks = () =>
  pinterest.calls.filter(({ path }) => path.endsWith("/conversion_deletion_requests")).length;

async function said(shop: Shop): Promise<(string | null)[]> {
  const format = createFormatter({ locale: "en-US", timeZone: "UTC", now: new Date() });
  const { requests } = await readPrivacy({ db }, shop, format);
  return requests.map((request) => request.pinterest);
}

test("a customer's redaction asks Pinterest to delete too, once, with the email as it is compared", async () => {
  const shop = await signedIn();
  await privacy.fill(shop);
  const id = await privacy.redaction(shop);
  await privacy.act();
  await isDueAgain(id);
  await privacy.act();
  const [deletion, ...more] = pinterest.directory.deletions;
  expect([deletion, more]).toEqual([
    { adAccountId: shop.adAccountId, emails: [EMAIL], requestId: expect.any(String) },
    [],
  ]);
  expect(await privacy.requestRow(id)).toMatchObject({
    state: "done",
    has_no_body: true,
    waits_for: null,
    pinterest: "asked",
    is_told: true,
    pinterest_account: shop.adAccountId,
    pinterest_request: deletion?.requestId,
  });
  expect(await said(shop)).toEqual([
    `Pinterest deletes within 30 days (its request ${deletion?.requestId})`,
  ]);
});

test.each([401, 403, 404] as const)(
  "an account that Pinterest answers %d is not asked for the next customer, and goes on sending",
  async (status) => {
    const shop = await signedIn();
    const fault = { kind: "status", endpoint: "accounts", status, times: 9 } as const;
    pinterest.fail({ ...fault, adAccountId: shop.adAccountId });
    const [first, second] = [await privacy.redaction(shop), await privacy.redaction(shop)];
    const before = asks();
    await privacy.act();
    expect(asks() - before).toBe(1);
    expect(await privacy.requestRow(first)).toMatchObject({
      state: "done",
      has_no_body: true,
      pinterest: "not_offered",
      is_told: true,
    });
    expect(await privacy.requestRow(second)).toMatchObject({
      has_no_body: true,
      pinterest: "not_offered",
      is_told: false,
    });
    const words = "Pinterest does not offer this to your account";
    expect(await said(shop)).toEqual([words, words]);
    const { rows } = await db.pool.query(
      "select state, trouble from connection where shop_id = $1",
      [shop.id],
    );
    expect(rows).toEqual([{ state: "active", trouble: null }]);
    // After the thirty days it is asked again.
    await db.pool.query(
      "update compliance_request set pinterest_at = pinterest_at - interval '31 days' where id = $1",
      [first.toString()],
    );
    pinterest.heal();
    const third = await privacy.redaction(shop);
    await privacy.act();
    expect(await privacy.requestRow(third)).toMatchObject({ pinterest: "asked" });
  },
);

test("a stale sign-in says nothing of the service: it is asked again, or none is there any more", async () => {
  const shop = await signedIn();
  const identity = refreshTokenIdentity(shop.domain);
  const sealed = await testKeyring().encrypt(db.pool, shop.id, "pinr_stale", identity);
  await db.pool.query("update connection set refresh_token = $2 where shop_id = $1", [
    shop.id,
    sealed,
  ]);
  const fault = { kind: "status", times: 9 } as const;
  const { adAccountId } = shop;
  pinterest.fail({ ...fault, endpoint: "accounts", status: 401, adAccountId });
  pinterest.fail({ ...fault, endpoint: "oauth", status: 503 });
  const id = await privacy.redaction(shop);
  await privacy.act();
  expect(await privacy.requestRow(id)).toMatchObject({ state: "done", waits_for: "pinterest" });
  pinterest.heal();
  pinterest.fail({ ...fault, endpoint: "accounts", status: 401, adAccountId });
  await isDueAgain(id);
  await privacy.act();
  expect(await privacy.requestRow(id)).toMatchObject({ pinterest: "no_sign_in" });
});

test("a fault of Pinterest is tried again and holds up nothing of ours; after 30 days it is given up", async () => {
  const shop = await signedIn();
  await privacy.fill(shop);
  pinterest.fail({ kind: "status", endpoint: "accounts", status: 503, times: 99 });
  const id = await privacy.redaction(shop);
  await privacy.act();
  expect(privacy.found(await privacy.rowsOf(shop))).toEqual([]);
  const waiting = { state: "done", is_done: true, waits_for: "pinterest", has_no_body: false };
  expect(await privacy.requestRow(id)).toMatchObject({ ...waiting, tries: 1, pinterest: null });
  expect((await privacy.requestRow(id)).seconds).toBeGreaterThan(30);
  expect(await said(shop)).toEqual(["Pinterest is asked next"]);
  await isDueAgain(id);
  await privacy.act();
  expect(await privacy.requestRow(id)).toMatchObject({ ...waiting, tries: 2 });
  await db.pool.query(
    "update compliance_request set received_at = received_at - interval '31 days' where id = $1",
    [id.toString()],
  );
  await keepNoLonger({ db });
  expect(await privacy.requestRow(id)).toMatchObject({
    waits_for: null,
    has_no_body: true,
    pinterest: "given_up",
  });
});

test("nothing is asked with a pasted token, without an email, after the uninstall, or for a paused connection", async () => {
  const [pasted, left, paused] = [await privacy.newShop(), await signedIn(), await signedIn()];
  await db.pool.query("update shop set state = 'uninstalled' where id = $1", [left.id]);
  await db.pool.query("update connection set state = 'paused' where shop_id = $1", [paused.id]);
  const before = asks();
  const ids = [
    await privacy.redaction(pasted),
    await privacy.redaction(left),
    await privacy.redaction(paused),
    await privacy.receive(await signedIn(), "customers/redact", '{"customer":{"id":1}}'),
  ];
  await privacy.act();
  const rows = await Promise.all(ids.map((id) => privacy.requestRow(id)));
  expect(rows.map(({ pinterest: word, waits_for: waits }) => word ?? waits)).toEqual([
    "no_sign_in",
    "no_sign_in",
    "pinterest",
    null,
  ]);
  expect(asks()).toBe(before);
});
