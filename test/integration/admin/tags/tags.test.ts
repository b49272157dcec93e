import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { writePathAnswers } from "#app/platform/check-database.server.ts";
import { createTag } from "#app/shops/tags/create-tag.server.ts";
import { findTag, refreshTags } from "#app/shops/tags/refresh-tags.server.ts";
import { auditOf } from "#test/integration/shops/shop-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { openSignInWorld, type SignedInShop, type SignInWorld } from "./sign-in-fixture.ts";

let world: SignInWorld;

beforeAll(async () => {
  world = await openSignInWorld();
});
afterAll(() => world.close());
afterEach(() => {
  world.local.heal();
  world.asked.length = 0;
});

const wish = (name: string, formKey: string = randomUUID()) => ({
  name,
  switches: ["aem_enabled", "aem_ph_enabled"] as const,
  formKey,
  actor: "user:1",
});

const age = (shop: SignedInShop, interval: string) =>
  world.db.pool.query("update tag_cache set fetched_at = now() - $2::interval where shop_id = $1", [
    shop.id,
    interval,
  ]);

test("tags are asked for once in ten minutes", async () => {
  const shop = await world.openShop();
  const first = await refreshTags(world, shop);
  expect(first).toMatchObject({ access: "signed_in", failure: null });
  expect(first.tags).toMatchObject([{ name: "Sandbox tag", status: "ACTIVE", lastFiredMs: null }]);
  await age(shop, "9 minutes");
  expect(await refreshTags(world, shop)).toMatchObject({ tags: first.tags });
  expect(world.asked).toEqual([{ method: "listTags", adAccountId: shop.adAccountId }]);
  await age(shop, "11 minutes");
  await refreshTags(world, shop);
  expect(world.asked.length).toBe(2);
});

test("while Pinterest is down, the tags it told before are shown with their age", async () => {
  const shop = await world.openShop();
  const { tags } = await refreshTags(world, shop);
  await age(shop, "3 hours");
  world.local.fail({ kind: "status", status: 503, endpoint: "accounts" });
  const known = await refreshTags(world, shop);
  expect(known).toMatchObject({ failure: "unavailable", tags });
  expect(Date.now() - (known.fetchedAt?.getTime() ?? 0)).toBeGreaterThan(3 * 3_600_000 - 60_000);
});

test("a page does not wait for a Pinterest that is slow, and the next one has the answer", async () => {
  const shop = await world.openShop();
  world.local.fail({ kind: "latency", ms: 300, endpoint: "accounts", times: 1 });
  expect(await refreshTags(world, shop, { waitMs: 20 })).toMatchObject({
    tags: null,
    failure: "slow",
  });
  await eventually(async () => {
    const { rows } = await world.db.pool.query("select 1 from tag_cache where shop_id = $1", [
      shop.id,
    ]);
    return rows.length === 1;
  });
  expect(await refreshTags(world, shop)).toMatchObject({ failure: null });
  expect(world.asked.length).toBe(1);
});

test("a pasted token is never used to ask for tags", async () => {
  const shop = await world.openShop("pasted");
  expect(await refreshTags(world, shop)).toMatchObject({ access: "pasted", tags: null });
  expect(await findTag(world, shop, "123", { now: new Date() })).toMatchObject({ tag: null });
  expect(await createTag(world, shop, wish("Mine"))).toEqual({ kind: "closed", access: "pasted" });
  expect(world.asked).toEqual([]);
});

test("nothing is asked for a paused connection, and its tags stay in sight", async () => {
  const shop = await world.openShop();
  const { tags } = await refreshTags(world, shop);
  await age(shop, "1 hour");
  await world.db.pool.query("update connection set state = 'paused' where shop_id = $1", [shop.id]);
  expect(await refreshTags(world, shop)).toMatchObject({ access: "paused", tags, failure: null });
  expect(world.asked.length).toBe(1);
});

test("the tags of one store's ad account are not shown to another store, nor after a change", async () => {
  const [one, other] = [await world.openShop(), await world.openShop()];
  world.local.directory.createTag(one.adAccountId, { name: "Only of one" });
  const names = async (shop: SignedInShop) =>
    (await refreshTags(world, shop)).tags?.map(({ name }) => name);
  expect(await names(one)).toEqual(["Sandbox tag", "Only of one"]);
  expect(await names(other)).toEqual(["Sandbox tag"]);
  await world.db.pool.query("update connection set ad_account_id = $2 where shop_id = $1", [
    one.id,
    "549799999999",
  ]);
  expect(await names(one)).toEqual(["Sandbox tag"]);
});

test("one tag is asked for by its number, and found among the known ones while Pinterest is down", async () => {
  const shop = await world.openShop();
  const known = (await refreshTags(world, shop)).tags?.[0];
  const now = new Date();
  expect(await findTag(world, shop, known?.id ?? "", { now })).toMatchObject({
    tag: known,
    fetchedAt: now,
  });
  expect(await findTag(world, shop, "999", { now })).toMatchObject({ tag: null, failure: null });
  world.local.fail({ kind: "status", status: 500, endpoint: "accounts" });
  expect(await findTag(world, shop, known?.id ?? "", { now })).toMatchObject({
    tag: known,
    failure: "unavailable",
  });
});

test("two clicks on one form make one tag, and both learn its number", async () => {
  const shop = await world.openShop();
  await refreshTags(world, shop);
  const form = wish("  Twice clicked ");
  world.local.fail({ kind: "latency", ms: 100, endpoint: "accounts", times: 1 });
  const [one, two] = await Promise.all([
    createTag(world, shop, form),
    createTag(world, shop, form),
  ]);
  expect(one).toMatchObject({ kind: "created", tagId: expect.stringMatching(/^\d+$/) });
  expect(two).toEqual(one);
  expect(await createTag(world, shop, form)).toEqual(one);
  const made = world.local.directory.tags(shop.adAccountId);
  expect(made.map(({ name }) => name)).toEqual(["Sandbox tag", "Twice clicked"]);
  expect(made[1]?.configs).toMatchObject({
    aem_enabled: true,
    aem_ph_enabled: true,
    aem_fnln_enabled: false,
  });
  const listed = await refreshTags(world, shop);
  expect(listed.tags?.map(({ name }) => name)).toEqual(["Sandbox tag", "Twice clicked"]);
  const notes = (await auditOf(world.db, shop.domain)).filter(({ action }) =>
    action.startsWith("tag."),
  );
  expect(notes.map(({ action, actor }) => [action, actor])).toEqual([
    ["tag.ask", "user:1"],
    ["tag.create", "user:1"],
  ]);
});

test("a lost answer is said, and the form is not posted again", async () => {
  const shop = await world.openShop();
  const form = wish("Lost");
  world.local.fail({ kind: "reset", recorded: true, endpoint: "accounts", times: 1 });
  expect(await createTag(world, shop, form)).toEqual({ kind: "lost" });
  expect(await createTag(world, shop, form)).toEqual({ kind: "lost" });
  expect(world.asked.length).toBe(1);
});

test("a form whose process died after asking is not posted again", async () => {
  const shop = await world.openShop();
  const form = wish("Died");
  await world.db.pool.query(
    "insert into audit_entry (shop_id, actor, action, after) values ($1, 'user:1', 'tag.ask', $2)",
    [shop.id, JSON.stringify({ form: form.formKey })],
  );
  expect(await createTag(world, shop, form)).toEqual({ kind: "lost" });
  expect(world.asked).toEqual([]);
});

test("a refused tag can be asked for again from the same page", async () => {
  const shop = await world.openShop();
  const form = wish("Refused first");
  world.local.fail({ kind: "status", status: 403, endpoint: "accounts", times: 1 });
  expect(await createTag(world, shop, form)).toMatchObject({ kind: "refused", why: "forbidden" });
  expect(await createTag(world, shop, form)).toMatchObject({ kind: "created" });
});

test("a name of no letters or too many is refused before anything is asked", async () => {
  const shop = await world.openShop();
  const fault = async (name: string, key?: string) =>
    createTag(world, shop, wish(name, key)).then((end) => end.kind === "unusable" && end.fault);
  expect(await fault("   ")).toBe("name_missing");
  expect(await fault("é".repeat(101))).toBe("name_too_long");
  expect(await fault("Name", "no key")).toBe("form_unknown");
  expect(world.asked).toEqual([]);
  expect(await createTag(world, shop, wish("é".repeat(100)))).toMatchObject({ kind: "created" });
});

test("forty posts of a shop whose Pinterest hangs hold no connection and few places", async () => {
  const [one, other] = [await world.openShop(), await world.openShop()];
  world.local.fail({
    kind: "hang",
    recorded: false,
    endpoint: "accounts",
    adAccountId: one.adAccountId,
  });
  const posts = Array.from({ length: 40 }, (_, n) => createTag(world, one, wish(`Tag ${n}`)));
  await eventually(async () => world.asked.length === 40);
  expect(await writePathAnswers(world.db.pool, 1_000)).toBe(true);
  expect(await refreshTags(world, other)).toMatchObject({ failure: null });
  const ends = (await Promise.all(posts)).map((end) =>
    end.kind === "refused" ? end.why : end.kind,
  );
  expect(ends.filter((end) => end === "lost")).toHaveLength(6);
  expect(ends.filter((end) => end === "rate_limited")).toHaveLength(34);
});
