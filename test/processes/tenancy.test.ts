import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { createApiKey } from "#app/shops/api-keys.server.ts";
import { TASKS, type TaskName } from "#app/tasks/task-document.server.ts";
import { type LocalStack, SHOP, startLocalStack } from "#test/e2e/world/local-stack.ts";
import { runCli, startCli } from "#test/integration/cli/run-cli.ts";
import { askRaw, type RawRequest } from "./ask-raw.ts";
import { type FilledRows, fillTables, hashRows } from "./fill-tables.ts";
import { pathOf, type Route, routes } from "./routes-of-build.ts";

/** Who asks is the second; the first has a canary in every column that holds text. */
const OWNER = "canary-owner.myshopify.com";
const GONE = "gone.myshopify.com";
const CANARY = "canary4711";

let stack: LocalStack;
let db: Database;
let owners: FilledRows;
let keys: { asker: string; gone: string };

beforeAll(async () => {
  stack = await startLocalStack({ PINRELAY_ROLE: "web" });
  db = await openDatabase({ DATA_DIR: stack.dataDir });
  for (const shop of [SHOP, OWNER, GONE]) await ask("/app", { as: shop });
  await stack.connect();
  const key = (domain: string) => createApiKey({ db }, { domain, name: "k", actor: "test" });
  keys = { asker: await key(SHOP), gone: await key(GONE) };
  await stack.shopify.uninstall(GONE);
  owners = await fillTables(db, OWNER, CANARY);
});
afterAll(async () => {
  await db?.close();
  await stack?.close();
});

async function ask(target: string, { as, ...given }: RawRequest & { as: string | null }) {
  const bearer = as !== null && { authorization: `Bearer ${stack.shopify.sessionToken(as)}` };
  const headers = { "user-agent": "Mozilla/5.0 Chrome/156", ...bearer, ...given.headers };
  return askRaw(stack.app.url, target, { ...given, headers });
}

/** Asks, and finds nothing of the owner's in the answer but what the question itself names. */
async function expectNothing(target: string, given: RawRequest & { as: string | null }) {
  const answer = await ask(target, given);
  const seen = `${JSON.stringify(answer.headers)}${answer.text}`;
  const facts = [target, given.method, given.body, given.as];
  expect([...facts, answer.status < 500, findCanary(seen)]).toEqual([...facts, true, null]);
  return answer;
}

function findCanary(seen: string): string | null {
  // A part of a canary, or a lone digit of it, would take every canary out of sight.
  const named = Object.values(owners.fields()).filter((value) => value.includes(CANARY));
  const rest = named.reduce((text, value) => text.replaceAll(value, ""), seen);
  return rest.match(new RegExp(`.{0,40}${CANARY}.{0,40}`))?.[0] ?? null;
}

/** The owner's ids, by the name of a parameter: a new parameter needs a line. */
const PARAMETERS: Record<string, () => string> = {
  ":eventId": () => owners.textOf("event", "event_id"),
  ":runId": () => owners.idOf("run"),
  ":tagId": () => owners.textOf("connection", "ad_account_id"),
  ":requestId": () => owners.idOf("compliance_request"),
  "*": () => "nothing",
};

/** What the sources of a screen compare a form's fields with. */
function wordsOf({ id }: Route): string[] {
  const folder = path.join("app", path.dirname(id));
  const text = readdirSync(folder)
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(path.join(folder, file), "utf8"))
    .join();
  return [
    ...new Set(Array.from(text.matchAll(/(?:case|===|!==) "([a-z-]+)"/g), ([, word]) => word)),
  ].flatMap((word) => word ?? []);
}

function targetOf(route: Route, more: Record<string, string>): string {
  const filled = pathOf(route).replace(/:[^/]+|\*/g, (name) => {
    const value = PARAMETERS[name];
    if (value === undefined) throw new RangeError(`${name} has no line in PARAMETERS`);
    return encodeURIComponent(value());
  });
  const search = new URLSearchParams({ ...more, ...(route.index && { index: "" }) });
  return `${filled || "/"}?${search}`;
}

const ASKERS: { as: string | null; names: string }[] = [
  { as: SHOP, names: SHOP },
  { as: SHOP, names: OWNER },
  { as: null, names: OWNER },
  { as: GONE, names: GONE },
];

const ADDRESSES = [...routes.values()].filter(({ id }) => id !== "root");

test.each(ADDRESSES)("$id shows and gives nobody else anything of the owner's", async (route) => {
  const before = await hashRows(db, OWNER);
  for (const { as, names: shop } of ASKERS) {
    // Whoever signs in has the app again.
    if (as === GONE) await stack.shopify.uninstall(GONE);
    await expectNothing(targetOf(route, { shop }), { as });
    const data = targetOf(route, { shop, _data: route.id });
    const { status } = await expectNothing(data, { as });
    if (as === null && route.id.startsWith("admin/")) expect([route.id, status]).not.toContain(200);
    for (const intent of ["", ...wordsOf(route)]) {
      await expectNothing(data, {
        as,
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: String(new URLSearchParams({ ...owners.fields(), intent, shop: OWNER })),
      });
    }
  }
  expect(await hashRows(db, OWNER)).toEqual(before);
});

/**
 * What the owner sees of their own: without it, the others might see nothing because nothing is shown.
 * Pages that show nothing of a shop's rows, or ask Pinterest and Shopify for it, are not here.
 */
const SHOWS_OWN = [
  "admin/activity/activity.route",
  "admin/activity/export.route",
  "admin/event/event.route",
  "admin/events/events.route",
  "admin/help/help.route",
  "admin/home/home.route",
  "admin/privacy/privacy.route",
  "admin/runs/export.route",
  "admin/runs/run.route",
];

test("the owner sees on these pages what nobody else is shown", async () => {
  const seen: string[] = [];
  for (const route of ADDRESSES) {
    const { status, text } = await ask(targetOf(route, { shop: OWNER, _data: route.id }), {
      as: OWNER,
    });
    if (status === 200 && findCanary(text) !== null) seen.push(route.id);
  }
  expect(seen.sort()).toEqual(SHOWS_OWN);
});

test("a leak that is planted is found: a row of the owner's among the asker's", async () => {
  const page = ADDRESSES.find(({ id }) => id === "admin/activity/activity.route");
  if (page === undefined) throw new Error("there is no page of activity");
  const data = targetOf(page, { shop: SHOP, _data: page.id });
  await expectNothing(data, { as: SHOP });
  await db.pool.query(
    `insert into audit_entry (shop_id, actor, action)
      select id, $2, 'settings.change' from shop where domain = $1`,
    [SHOP, `${CANARY}-leaked`],
  );
  await expect(expectNothing(data, { as: SHOP })).rejects.toThrow("to deeply equal");
  await db.pool.query("delete from audit_entry where actor = $1", [`${CANARY}-leaked`]);
});

/** An input of each task, which names what is the owner's. */
const INPUTS: Record<TaskName, () => object> = {
  send_event: () => ({
    eventName: "lead",
    email: "a@example.com",
    eventId: owners.textOf("event", "event_id"),
  }),
  send_batch_events: () => ({ events: [{ eventName: "lead", email: "a@example.com" }] }),
  list_conversion_tags: () => ({}),
  get_conversion_tag: () => ({ conversionTagId: "549700000001" }),
};

test.each(TASKS)(
  "the task %s answers nobody with the owner's, and strangers not at all",
  async (task) => {
    const before = await hashRows(db, OWNER);
    await stack.shopify.uninstall(GONE);
    const body = JSON.stringify({ task, ...INPUTS[task]() });
    const send = (key: string | null) =>
      expectNothing("/api/v1/tasks", {
        as: null,
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          ...(key !== null && { authorization: `Bearer ${key}` }),
        },
      });
    expect((await send(null)).status).toBe(401);
    expect((await send(owners.textOf("shop_api_key", "name"))).status).toBe(401);
    expect((await send(keys.gone)).status).toBe(401);
    await send(keys.asker);
    expect(await hashRows(db, OWNER)).toEqual(before);
  },
);

test("the tasks are all that the API has", async () => {
  const { text } = await ask("/api/v1/openapi.json", { as: null });
  const operations = Object.entries(JSON.parse(text).paths as Record<string, object>).flatMap(
    ([name, methods]) => Object.keys(methods).map((method) => `${method} ${name}`),
  );
  expect(operations.filter((name) => !name.endsWith("openapi.json"))).toEqual([
    "post /api/v1/tasks",
  ]);
});

/** What each command is called with besides the shop; null: it takes none. */
const COMMANDS: Record<string, (() => string[]) | null> = {
  ...Object.fromEntries(
    TASKS.map((task) => [
      task,
      () => ["--input", "-", ...(task.startsWith("get") ? ["--tag", "1"] : [])],
    ]),
  ),
  "shop connect": () => ["--ad-account", "549755885175", "--token-env", "PIN"],
  "shop list": null,
  "shop show": () => [],
  "shop set": () => ["hold_seconds=1"],
  "shop api-key": () => [],
  "shop api-keys": () => [],
  "shop revoke-api-key": () => ["--key", owners.idOf("shop_api_key")],
  "shop callback-secret": () => [],
  "events list": () => ["--order", owners.textOf("event", "order_id")],
  "events show": () => [owners.textOf("event", "event_id")],
  "events replay": () => ["--event", owners.textOf("event", "event_id")],
  reconcile: () => [],
  backfill: () => ["--since", "1d", "--dry-run"],
  "alerts list": () => ["--all"],
  "alerts test": () => [],
  "keys rotate": null,
  "keys status": null,
  doctor: null,
};
const UNKNOWN = "unknown.myshopify.com";
/** It makes the shop that it is told to connect. */
const MAKES_SHOPS = "shop connect";

test("no command for another shop, an uninstalled or an unknown one tells or changes anything of the owner's", async () => {
  const env = { ...stack.env, PIN: "pina_e2e_token" };
  const help = await runCli(["--help"], env);
  const listed = Array.from(
    help.stdout.matchAll(/^ {2}pinrelay ((?:\S+ )*\S+) {2}/gm),
    ([, name]) => name,
  );
  expect(listed.sort()).toEqual(Object.keys(COMMANDS).sort());
  const before = await hashRows(db, OWNER);
  await stack.shopify.uninstall(GONE);
  const runs = Object.entries(COMMANDS).flatMap(([name, args], nth) => {
    const other = nth % 2 === 0 && name !== MAKES_SHOPS ? UNKNOWN : GONE;
    return args === null ? [] : [SHOP, other].map((shop) => ({ name, args, shop }));
  });
  const results = runs.values();
  async function work(): Promise<void> {
    for (const { name, args, shop } of results) {
      const given = [...name.split(" "), "--shop", shop, "--json", ...args()];
      const input = JSON.stringify(INPUTS[name as TaskName]?.() ?? {});
      // Each command once in a process of its own, which has to end by itself.
      const run = shop === SHOP ? startCli : runCli;
      const { stdout, stderr, exitCode } = await run(given, env, input);
      expect([name, shop, findCanary(`${stdout}${stderr}`)]).toEqual([name, shop, null]);
      if (shop === UNKNOWN) expect([name, exitCode]).not.toContain(0);
    }
  }
  await Promise.all([work(), work(), work()]);
  expect(await hashRows(db, OWNER)).toEqual(before);
});
