import { afterAll, beforeAll, expect, test } from "vitest";
import { parseActivityFilter } from "#app/admin/activity/activity-filter.server.ts";
import { exportActivity, readActivity } from "#app/admin/activity/read-activity.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { openTestDatabase } from "#test/support/database.ts";

let db: Database;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

let shops = 0;
async function newShop() {
  shops += 1;
  const shop = await installShop({ db }, { domain: `activity-${shops}.myshopify.com` });
  const format = createFormatter({ locale: "en-US", timeZone: "UTC", now: new Date() });
  const reader = { shop, userId: "7", format };
  return {
    note: (
      action: string,
      facts: {
        actor?: string;
        before?: Record<string, unknown>;
        after?: Record<string, unknown>;
      } = {},
    ) =>
      db.transaction((client) =>
        writeAuditEntry(client, { shopId: shop.id, actor: "user:7", action, ...facts }),
      ),
    read: (query = "") =>
      readActivity({ db }, reader, parseActivityFilter(new URLSearchParams(query))),
    csv: (query = "") =>
      exportActivity({ db }, reader, parseActivityFilter(new URLSearchParams(query))),
    shop,
  };
}

test.each([
  ["connection.connect", "sign_in", "sign-in with Pinterest"],
  ["connection.connect", "pasted", "pasted token"],
  ["run.stop", "send", "events by hand"],
  ["run.stop", "replay", "events sent again"],
  ["run.stop", "reconcile", "missing orders"],
])("%s of the kind %s is told in a merchant's words", async (action, kind, words) => {
  const { note, read } = await newShop();
  await note(action, { after: { kind } });
  const [row] = (await read()).rows;
  expect(row?.changes.slice(1)).toEqual([`Kind: ${words}`]);
});

test("each kind of change is told apart, and found by its filter", async () => {
  const { note, read } = await newShop();
  const system = { actor: "system" };
  await note("connection.pause", { ...system, after: { state: "paused", reason: "forbidden" } });
  await note("connection.pause", { before: { state: "active" }, after: { state: "paused" } });
  await note("events.replay", { after: { replayed: 3, left: 0, first: ["a"] } });
  await note("events.send", { actor: "flow", after: { given: 1, stored: 1 } });
  await note("event.reveal");
  await note("tag.ask");
  await note("keys.rotate", { actor: "cli" });
  await note("something.new", { after: { some_fact: true } });
  const { rows } = await read();
  expect(rows.map(({ who, kind, changes }) => [who, kind, ...changes])).toEqual([
    ["You", "Other", "Something new", "Some fact: yes"],
    ["Command line", "Key rotation", "Encryption keys rotated"],
    ["You", "Tag", "Tag asked for"],
    ["You", "Reveal", "Shown in clear"],
    ["Shopify Flow", "Manual send", "Sent by hand", "Events given: 1", "Events stored: 1"],
    ["You", "Send again", "Sent again", "Events sent again: 3", "Left alone: 0"],
    ["You", "Pause", "Sending paused", "State: sending → paused"],
    [
      "System",
      "Connection",
      "Sending paused",
      "State: paused",
      "Reason: Stopped by Pinterest (403)",
    ],
    ["Shopify", "Installation", "App installed"],
  ]);
  expect((await read("kind=pause")).rows).toHaveLength(1);
  expect((await read("kind=pause&person=cli")).rows).toHaveLength(0);
  expect((await read("kind=nonsense")).rows).toHaveLength(9);
  expect((await read("person=flow")).rows.map(({ who }) => who)).toEqual(["Shopify Flow"]);
});

test("what is secret is said to have changed, and no more", async () => {
  const { note, read, csv } = await newShop();
  await note("connection.connect", {
    before: { access_token: "pina_OLDCANARY" },
    after: { access_token: "pina_CANARY", token_ends_with: "NARY", ad_account_id: "5497" },
  });
  const [row] = (await read()).rows;
  expect(row?.changes).toEqual([
    "Ad account connected",
    "Ad account: 5497",
    "Access token: changed",
  ]);
  expect(JSON.stringify([await read(), await csv()])).not.toMatch(/CANARY|NARY/);
});

test("a shop reads its own changes alone, whatever the address of the page says", async () => {
  const mine = await newShop();
  const theirs = await newShop();
  await theirs.note("settings.change", { after: { version: 2, hold_seconds: 1 } });
  const { rows } = await theirs.read();
  expect(rows).toHaveLength(2);
  expect((await mine.read()).rows).toHaveLength(1);
  expect((await mine.read(`older=${rows[0]?.id}`)).rows).toEqual([]);
  expect((await mine.csv()).ok && (await mine.csv())).not.toMatchObject({
    csv: expect.stringContaining("Hold time"),
  });
});

test("pages follow each other without a gap or a row twice, both ways", async () => {
  const { note, read } = await newShop();
  for (let at = 0; at < 120; at += 1) await note("tag.ask", { after: { place: at } });
  const first = await read();
  const second = await read(first.olderUrl?.split("?")[1]);
  const third = await read(second.olderUrl?.split("?")[1]);
  const ids = [first, second, third].flatMap(({ rows }) => rows.map(({ id }) => id));
  expect(ids).toHaveLength(121);
  expect(new Set(ids).size).toBe(121);
  expect([first.newerUrl, third.olderUrl]).toEqual([null, null]);
  const back = await read(third.newerUrl?.split("?")[1]);
  expect(back.rows).toEqual(second.rows);
});

test("the file holds every row of the filter, and no cell that a spreadsheet would run", async () => {
  const { note, csv } = await newShop();
  await note("=cmd|calc", { actor: "@evil", after: { name: 'a "quoted", name' } });
  const result = await csv();
  const lines = result.ok ? result.csv.trimEnd().split("\r\n") : [];
  expect(lines[0]).toBe("time,actor,who,kind,action,change");
  expect(lines[1]).toMatch(
    /^"[\d-]+T[\d:.]+Z","'@evil","'@evil","other","'=cmd\|calc","'=cmd\|calc; Name: a ""quoted"", name"$/,
  );
  expect(lines).toHaveLength(3);
});

test("more than one file may hold is refused with the number, and what to do", async () => {
  const { csv, shop } = await newShop();
  await db.pool.query(
    `insert into audit_entry (shop_id, actor, action)
      select $1, 'system', 'event.reveal' from generate_series(1, 50000)`,
    [shop.id],
  );
  expect(await csv()).toMatchObject({
    ok: false,
    problem: {
      title: "Too many rows for one file",
      cause: "More than 50,000 rows match, the limit is 50,000.",
      nextStep: "Choose a shorter period.",
    },
  });
});
