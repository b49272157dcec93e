import path from "node:path";
import { describe, expect, it } from "vitest";
import { listFiles, readText } from "./repository-files.ts";
import { dataRooms } from "./rooms.ts";

/** Each table has the rooms that may write it; every other room reads it, or asks. */
const writers: Record<string, readonly string[]> = {
  event: ["outbox"],
  event_payload: ["outbox"],
  attempt: ["outbox"],
  receipt: ["outbox"],
  customer_trace: ["outbox"],
  visit: ["outbox"],
  due_account: ["outbox"],
  count_bucket: ["outbox"],
  shop: ["shops"],
  connection: ["shops"],
  shopify_session: ["shops"],
  shop_key: ["platform"],
  installation_key: ["platform"],
  shop_api_key: ["shops"],
  audit_entry: ["audit"],
  compliance_request: ["intake", "privacy"],
  redacted_source: ["outbox"],
  sign_in_attempt: ["shops"],
  pinterest_sign_in: ["shops"],
  tag_cache: ["shops"],
  quality_snapshot: ["shops"],
  order_count_day: ["shops"],
  second_sender: ["shops"],
  settings_version: ["shops"],
  run: ["runs", "outbox"],
  run_item: ["runs", "outbox"],
  shop_billing: ["shops"],
  usage_charge: ["shops"],
  order_sweep: ["runs"],
  intake_beat: ["reconciliation"],
  alert: ["alerts"],
  alert_message: ["alerts"],
  alert_test: ["alerts"],
};

/** The one write of another room: the outbox notes in its commit when a shop was last heard. */
const LAST_WEBHOOK = /update shop set last_webhook_at = now\(\) from/gi;

/** A read that no row-level security stands behind. */
const AROUND_THE_WALL = /\bpool\s*\.query\b/;

/** The same, of a read alone: its text begins with it. */
const READ_AROUND_THE_WALL =
  /\bpool\s*\.query\b(?:<[^(]*>)?\(\s*(?:\{[^}]*?text:)?\s*(?:\/\/.*\s*)*["`](?:select|with)\b/;

/** Files of app/shops that read so, each read with why no shop could be named, or more than one is meant. */
const shopNotKnown: Record<string, readonly string[]> = {
  "find-shop": ["which shop has this name"],
  "api-keys": ["whose key it is"],
  "session-storage": [
    "the session of an id, at Shopify's own library",
    "all sessions of a name, likewise",
  ],
  "load-mapping-shops": ["all shops of a group of webhooks"],
  "read-connection": ["all shops of an ad account, whose events a worker sends"],
  "refresh-quality": ["all shops whose scores are due"],
  "web-pixel": ["all shops whose pixel is due"],
  "renew-sign-ins": [
    "all shops whose sign-in is due",
    "all shops that lost their conversion token",
  ],
  "save-billing": ["all shops that billing has paused", "all shops whose plan is due"],
  "connection-gauges": [
    "how many shops are connected, for the operator",
    "how many soon will not be",
  ],
};

const tables = Object.keys(writers);
const sources = listFiles()
  .filter((file) => /^app\/.*[.]tsx?$/.test(file))
  .map((file) => ({ file, room: roomOf(file), text: readText(file) }));

describe("each table", () => {
  it("has a room that writes it", () => {
    const mapped = [...readText("prisma/schema.prisma").matchAll(/@@map\("(\w+)"\)/g)];
    expect(mapped.map(([, table]) => table).sort()).toEqual([...tables].sort());
  });

  it("says when its rows go, or goes with its shop: nothing is kept without an end", () => {
    const models = readText("prisma/schema.prisma").matchAll(
      /((?:^\/\/\/.*\n)*)^model (\w+) \{\n([\s\S]*?)\n\}/gm,
    );
    const found = [...models].map(([, comment = "", name = "", fields = ""]) => {
      const text = comment.replaceAll(/\s*\/\/\/\s*/g, " ");
      const isSaid = /\b(rows?|it|record|partitions)\b[^.]*\b(goes|go|stays|stay|dropped)\b/i.test(
        text,
      );
      return { name, hasEnd: isSaid || fields.includes("onDelete: Cascade") };
    });
    expect(found).toHaveLength(tables.length);
    expect(found.filter(({ hasEnd }) => !hasEnd)).toEqual([]);
  });

  it.each(tables)("%s is written by its own rooms alone", (table) => {
    const strangers = sources
      .filter(
        ({ room, text }) => writtenIn(text, room).has(table) && !writers[table]?.includes(room),
      )
      .map(({ file }) => file);
    expect(strangers).toEqual([]);
  });

  it("audit_entry is read by the room that writes it alone", () => {
    const strangers = sources.filter(({ room, text }) => room !== "audit" && readsAuditLog(text));
    expect(strangers.map(({ file }) => file)).toEqual([]);
    expect(readsAuditLog("select 1\n  from audit_entry a")).toBe(true);
    expect(readsAuditLog("tx.auditEntry.findMany({ where })")).toBe(true);
  });

  it("is named where it is written: a name put together at run time would pass unseen", () => {
    const blind = /\b(insert\s+into|update|delete\s+from|merge\s+into)\s+\$\{/i;
    expect(sources.filter(({ text }) => blind.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it.each([
    ["await prisma.dueAccount.updateMany({ where })", "due_account"],
    ["tx.shop\n    .upsert({ where })", "shop"],
    ["insert into event_payload (body) values ($1)", "event_payload"],
    ["UPDATE\n  connection c SET state = $1", "connection"],
    ['delete from "event" where id = $1', "event"],
    ["delete from only attempt_default", "attempt"],
    ["merge into receipt using r", "receipt"],
    ["truncate table count_bucket", "count_bucket"],
    ["copy shop_api_key from stdin", "shop_api_key"],
  ])("counts as written in %j", (text, table) => {
    expect([...writtenIn(text, "admin")]).toEqual([table]);
  });

  it.each([
    "select id from event for update of event skip locked",
    "on conflict (id) do update set n = excluded.n",
    "await tx.event.findMany({ where })",
    "insert into event_archive (id) values ($1)",
  ])("counts as read in %j", (text) => {
    expect([...writtenIn(text, "admin")]).toEqual([]);
  });

  it("lets the outbox note when a shop was last heard, and nothing else of a shop", () => {
    const note = "update shop set last_webhook_at = now() from stale";
    expect([...writtenIn(note, "outbox")]).toEqual([]);
    expect([...writtenIn(note, "intake")]).toEqual(["shop"]);
    expect([...writtenIn("update shop set last_webhook_at = now(), state = $1", "outbox")]).toEqual(
      ["shop"],
    );
  });
});

describe("the database", () => {
  const calls =
    /\.(query|prisma|transaction|readAsShop|queryAsShop|\$queryRaw|\$executeRaw)\b|\bpool\.\w/;

  it("is spoken to by the rooms that own data alone", () => {
    const strangers = sources.filter(
      ({ file, room, text }) =>
        !dataRooms.some((known) => known === room) &&
        !["app/services.server.ts", "app/cli.ts"].includes(file) &&
        calls.test(text),
    );
    expect(strangers.map(({ file }) => file)).toEqual([]);
  });

  /** They ask for the shops of all. */
  const jobs = ["app/runs/register-run-worker.server.ts", "app/runs/order-sweeps.server.ts"];

  it("is read for the admin, the API and tasks as one shop", () => {
    const past = sources.filter(
      ({ file, room, text }) =>
        ["admin", "tasks", "runs", "billing", "flow"].includes(room) &&
        !jobs.includes(file) &&
        AROUND_THE_WALL.test(text),
    );
    expect(past.map(({ file }) => file)).toEqual([]);
    expect("await services.db.pool.query<Row>({ text })").toMatch(AROUND_THE_WALL);
  });

  it("reads what it keeps of one shop as that shop", () => {
    const past = sources
      .filter(({ room }) => room === "shops")
      .map(({ file, text }) => [path.basename(file, ".server.ts"), countReads(text)] as const)
      .filter(([, reads]) => reads > 0);
    const known = Object.entries(shopNotKnown).map(([file, whys]) => [file, whys.length]);
    expect(Object.fromEntries(past)).toEqual(Object.fromEntries(known));
  });

  it.each([
    'db.pool.query("select token from connection where shop_id = $1", [id])',
    "await services.db.pool.query<Row>({\n  name: 'a',\n  text: `select 1`,\n})",
    "pool.query<Row>(\n  // why\n  `with used as (select 1) select 2`)",
  ])("is read around the wall in %j", (text) => expect(text).toMatch(READ_AROUND_THE_WALL));

  it.each([
    "db.queryAsShop<Row>(id, { text: `select 1` })",
    'db.pool.query("update shop set a = (select 1)")',
    "db.pool.query(`insert into tag_cache select 1`)",
  ])("is not read around the wall in %j", (text) => expect(text).not.toMatch(READ_AROUND_THE_WALL));

  it.each([
    "db.pool.query(sql)",
    "await db.transaction(work)",
    "const { rows } = await client.query(q)",
  ])("is spoken to in %j", (text) => expect(text).toMatch(calls));
});

function countReads(text: string): number {
  return [...text.matchAll(new RegExp(READ_AROUND_THE_WALL, "g"))].length;
}

function roomOf(file: string): string {
  return file.split("/")[1] ?? "";
}

/** The tables that a source text writes, through Prisma or in SQL. Day partitions count as theirs. */
function writtenIn(text: string, room: string): Set<string> {
  const own = room === "outbox" ? text.replaceAll(LAST_WEBHOOK, "") : text;
  const inSql =
    /\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?|copy)\s+(?:only\s+)?"?(\w+)"?/gi;
  const inPrisma =
    /\.(\w+)\s*\.(?:create|createMany|createManyAndReturn|update|updateMany|updateManyAndReturn|upsert|delete|deleteMany)\b/g;
  const names = [
    ...[...own.matchAll(inSql)].map(([, name = ""]) => name.replace(/_(default|\d+)$/, "")),
    ...[...own.matchAll(inPrisma)].map(([, name = ""]) => snakeCase(name)),
  ];
  return new Set(names.filter((name) => tables.includes(name)));
}

function readsAuditLog(text: string): boolean {
  return /\b(?:from|join)\s+audit_entry\b|\.auditEntry\b/.test(text);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
