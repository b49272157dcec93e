import { randomUUID } from "node:crypto";
import {
  type EventFilter,
  listStates,
  parseEventFilter,
  toEventQuery,
} from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { describeLeftOut, type LeftOut } from "#app/admin/shell/words.ts";
import type { EventState, StoredState } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { findReplayBar, type ReplayBar } from "#app/events/replay-rule.ts";
import {
  HAS_PAYLOAD_SQL,
  isRecentFailureSql,
  mayReplaySql,
  oldestAt,
} from "#app/outbox/event-conditions.server.ts";
import { type Database, isTooSlow, limitStatements } from "#app/platform/db.server.ts";
import { Prisma } from "#prisma/client/client.ts";
import {
  type Condition,
  countMatching,
  LIST_TIMEOUT_MS,
  periodBounds,
  readTallies,
  type ShopDays,
  toCondition,
} from "./conditions.server.ts";
import { PAGE_ROWS } from "./read-event-rows.server.ts";
import { eventsTexts } from "./texts.ts";

/** Most events of one run. */
const RUN_LIMIT = 50_000;

export interface ReplayChoice {
  /** Row ids of the events that may be sent again; those that expire first come first. */
  rows: bigint[];
  leftOut: LeftOut;
}

const HAS_PAYLOAD = Prisma.raw(HAS_PAYLOAD_SQL);

/** What "Send again" does with all events of the filter, or with those that were ticked. */
export async function readReplayChoice(
  { db }: { db: Pick<Database, "readAsShop"> },
  { id: shopId }: { id: bigint },
  choice: { filter: EventFilter } | { rows: readonly bigint[] },
  days: ShopDays,
): Promise<ReplayChoice> {
  const oldest = oldestAt(days.now);
  return db.readAsShop(shopId, async (tx) => {
    await limitStatements(tx, LIST_TIMEOUT_MS);
    const { sql, counts } =
      "filter" in choice
        ? await readFiltered(tx, shopId, choice.filter, days)
        : await readTicked(tx, shopId, choice.rows);
    const sendable = await tx.$queryRaw<{ id: bigint }[]>`
      select e.id from event e
      where ${sql} and ${Prisma.raw(mayReplaySql(oldest))}
      order by e.event_time, e.id limit ${RUN_LIMIT}`;
    const [recent] = await tx.$queryRaw<{ all: bigint; sendable: bigint }[]>`
      select count(*) as all, count(*) filter (where ${HAS_PAYLOAD}) as sendable from event e
      where ${sql} and ${Prisma.raw(isRecentFailureSql(oldest))}`;
    const rows = sendable.map(({ id }) => id);
    return { rows, leftOut: toLeftOut(counts, recent, rows.length) };
  });
}

/** The payloads of older events go first: when this many in a row have none, no older one has. */
const LOOKED_AT = 1_000;

/**
 * Whether the run of a filter would have an event at all. Events are found first, by their own
 * index: the planner would else go through all bodies, with helpers that take longer to start.
 */
export async function canSendAny(
  tx: Prisma.TransactionClient,
  { condition, filter, now }: { condition: Condition; filter: EventFilter; now: Date },
): Promise<boolean> {
  if (!listStates(filter).some((state) => blockReason(state) === null)) return false;
  const rows = await tx.$queryRaw<{ can: boolean }[]>`
    with e as materialized (
      select e.id, e.payload_drop_on from event e where ${condition.sql}
        and ${Prisma.raw(isRecentFailureSql(oldestAt(now)))} order by e.event_time desc, e.id desc limit ${LOOKED_AT})
    select exists (select from e where ${HAS_PAYLOAD}) as can`;
  return rows[0]?.can === true;
}

/** The reason against replaying an event in this state that is recent and has its payload. */
function blockReason(state: EventState): ReplayBar | null {
  return findReplayBar({ state, isLate: false, hasPayload: true });
}

type Counts = ReadonlyMap<StoredState, number>;

async function readTicked(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  rows: readonly bigint[],
): Promise<{ sql: Prisma.Sql; counts: Counts }> {
  const sql = Prisma.sql`e.shop_id = ${shopId} and e.id = any(${[...rows]}::bigint[])`;
  return { sql, counts: await countRowsByState(tx, sql) };
}

async function readFiltered(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  filter: EventFilter,
  days: ShopDays,
): Promise<{ sql: Prisma.Sql; counts: Counts }> {
  const bounds = periodBounds(filter.period, days);
  const { sql, isCounted } = await toCondition(tx, shopId, filter, bounds);
  const counts = isCounted
    ? countMatching(await readTallies(tx, shopId, bounds), filter)
    : await countRowsByState(tx, sql);
  return { sql, counts };
}

async function countRowsByState(tx: Prisma.TransactionClient, sql: Prisma.Sql): Promise<Counts> {
  const rows = await tx.$queryRaw<{ state: StoredState; n: bigint }[]>`
    select e.state, count(*) as n from event e where ${sql} group by e.state`;
  return new Map(rows.map(({ state, n }) => [state, Number(n)]));
}

function toLeftOut(
  counts: Counts,
  recent: { all: bigint; sendable: bigint } | undefined,
  chosen: number,
): LeftOut {
  const count = (bar: ReplayBar | null) =>
    [...counts].reduce((sum, [state, n]) => (blockReason(state) === bar ? sum + n : sum), 0);
  const [all, sendable] = [Number(recent?.all ?? 0), Number(recent?.sendable ?? 0)];
  return {
    accepted: count("accepted"),
    waiting: count("waiting"),
    not_sent: count("skipped"),
    too_late: count(null) - all,
    no_content: all - sendable,
    over_limit: sendable - chosen,
  };
}

/** What the dialog says before events are sent again. */
export interface ReplayQuestion {
  title: string;
  lines: string[];
  /** The label of the button; null where there is nothing to send. */
  confirm: string | null;
  /** Identifies this question: confirmed twice, it starts one run. */
  token: string;
}

const { again } = eventsTexts;

function describeReplayChoice(
  { rows, leftOut }: ReplayChoice,
  { locale }: Pick<Formatter, "locale">,
  token: string,
): ReplayQuestion {
  const n = rows.length;
  const left = describeLeftOut(leftOut, { locale });
  const total = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  const leftLine =
    left === null ? [] : [formatMessage(again.leftOut, { list: left, n: total }, locale)];
  if (n === 0) return { title: again.nothing, lines: leftLine, confirm: null, token };
  return {
    title: formatMessage(again.question, { n }, locale),
    lines: [[formatMessage(again.keepsId, { n }), ...leftLine].join(" "), again.final],
    confirm: formatMessage(again.confirm, { n }, locale),
    token,
  };
}

export interface AskedReplay {
  question: ReplayQuestion;
  /** The events of the run; null where there is nothing to send. */
  start: {
    rows: bigint[];
    query: string | null;
    leftOut: LeftOut & Record<string, number>;
    token: string;
  } | null;
}

/**
 * What sending again would do: of `rows` of the form, which were ticked, or of all that its `query`
 * finds. Asked again with the `token` of the answer, it is the same question.
 */
export async function askReplay(
  { db }: { db: Pick<Database, "readAsShop"> },
  { shop, format }: { shop: { id: bigint }; format: Formatter },
  form: FormData,
): Promise<AskedReplay> {
  try {
    return await ask({ db }, { shop, format }, form);
  } catch (error) {
    if (!isTooSlow(error)) throw error;
    return { question: FAILED, start: null };
  }
}

const { failed, unknown } = eventsTexts.again;
const FAILED: ReplayQuestion = { title: unknown, lines: [failed], confirm: null, token: "" };

async function ask(
  { db }: { db: Pick<Database, "readAsShop"> },
  { shop, format }: { shop: { id: bigint }; format: Formatter },
  form: FormData,
): Promise<AskedReplay> {
  const ticked = readRows(form.get("rows"));
  const filter = parseEventFilter(new URLSearchParams(parseText(form.get("query"))));
  const choice = await readReplayChoice(
    { db },
    shop,
    ticked === null ? { filter } : { rows: ticked },
    format,
  );
  const token = /^[\w-]{1,64}$/.exec(parseText(form.get("token")))?.[0] ?? randomUUID();
  const question = describeReplayChoice(choice, format, token);
  const query = ticked === null ? toEventQuery(filter) : null;
  const { rows, leftOut } = choice;
  return {
    question,
    start: rows.length === 0 ? null : { rows, query, leftOut: { ...leftOut }, token },
  };
}

function readRows(given: FormDataEntryValue | null): bigint[] | null {
  const text = parseText(given);
  if (text === "") return null;
  const ids = text.split(",").filter((id) => /^\d{1,18}$/.test(id));
  return ids.slice(0, PAGE_ROWS).map(BigInt);
}

function parseText(value: FormDataEntryValue | null): string {
  return typeof value === "string" ? value : "";
}
