import { setImmediate as nextTurn } from "node:timers/promises";
import type { RawInput } from "#app/tasks/files/raw-input.server.ts";
import {
  type FieldFault,
  TASKS,
  type TaskError,
  type TaskName,
} from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";
import type { GivenRow, TaskRequest, TaskRow } from "#app/tasks/task-request.server.ts";
import { isRecord, presentFields, readFields } from "./read-fields.server.ts";
import { MOST_FAULTS as MOST_OF_A_ROW, readTaskRow } from "./read-task-row.server.ts";
import {
  DEFAULT_WAIT_SECONDS,
  EVENT_KEYS,
  EVENTS_RULE,
  MAX_EVENTS,
  MAX_EVENTS_BYTES,
  type TopInput,
  topInput,
} from "./task-input.server.ts";

export type ReadTask =
  | { ok: true; request: TaskRequest }
  | { ok: false; error: TaskError; task: TaskName | null };

interface Reading {
  nowSeconds: number;
  /** The task that was asked for by other means than the input, and which the input may repeat. */
  task?: TaskName;
  /** The list of events is not needed afterwards: each event is released after it is read. */
  usesUp?: boolean;
  /** Rows of a file that could not be taken apart, by index: what stands in their place is no event. */
  broken?: RawInput["broken"];
}

type RowReading = Required<Pick<Reading, "nowSeconds" | "usesUp" | "broken">>;

type ReadRows = { ok: true; rows: TaskRow[] } | { ok: false; faults: FieldFault[] };

const NONE_BROKEN: RawInput["broken"] = new Map();

/** Faults that are named of one input. */
const MOST_FAULTS = 50;
/** Faults that are named of all events of a batch, besides one of each: named, they weigh more than the input. */
const MOST_OF_ALL_ROWS = 5_000;
/** Events that are read before others of the process get their turn: webhooks must not wait. */
const SLICE = 64;

/**
 * Reads a task request from parsed JSON. Faults of the top level and of a single event stop it;
 * faults of an event in a batch belong to its row.
 */
export async function readTaskInput(raw: unknown, reading: Reading): Promise<ReadTask> {
  const reader = readInSlices(raw, reading);
  for (;;) {
    const step = reader.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}

/** The same for who can wait: it stops after each few events. */
export function* readInSlices(
  raw: unknown,
  { nowSeconds, task: asked, usesUp = false, broken = NONE_BROKEN }: Reading,
): Generator<void, ReadTask> {
  if (!isRecord(raw)) {
    return refused([{ path: "input", message: "must be a JSON object" }], asked ?? null);
  }
  const given = presentFields(topInput, raw);
  const { fields, faults, faultyKeys } = readFields(topInput, given);
  const task = asked ?? fields.task ?? (faultyKeys.has("task") ? null : TASKS[0]);
  if (task === null) return refused(faults, null);
  const listed = task === "send_batch_events" ? listFaults(given) : [];
  const all = dropRepeated([...faults, ...listed, ...topFaults(task, fields, faultyKeys)]);
  const isFaulty = all.length > 0;
  const rows = yield* readRows(task, given, { nowSeconds, usesUp, broken, isFaulty });
  if (!rows.ok) return refused(dropRepeated([...all, ...rows.faults]), task);
  return isFaulty
    ? refused(all, task)
    : { ok: true, request: { ...readTaskOptions(fields), task, rows: rows.rows } };
}

function refused(faults: FieldFault[], task: TaskName | null): ReadTask {
  return { ok: false, task, error: inputError(faults.slice(0, MOST_FAULTS)) };
}

function topFaults(
  task: TaskName,
  fields: TopInput,
  faultyKeys: ReadonlySet<string>,
): FieldFault[] {
  const faults: FieldFault[] = [];
  const add = (path: string, message: string) => faults.push({ path, message });
  const isBatch = task === "send_batch_events";
  if ((fields.task ?? task) !== task) add("task", `must be ${task} here, or left out`);
  if (task === "send_event" && fields.events !== undefined) {
    add("events", "is only for the task send_batch_events");
  }
  if (isBatch && fields.eventId !== undefined) {
    add("eventId", "belongs in each event: with one id for all they would count as one");
  }
  const isTagNamed = fields.conversionTagId !== undefined || faultyKeys.has("conversionTagId");
  if (task === "get_conversion_tag" && !isTagNamed) add("conversionTagId", "is missing");
  return faults;
}

/** A list beside the events would be unfolded ten thousand times. */
function listFaults(given: Record<string, unknown>): FieldFault[] {
  const message = "is a list, which is no default for all events: put it into each event";
  const lists = EVENT_KEYS.filter((key) => Array.isArray(given[key]));
  return lists.map((path) => ({ path, message }));
}

function* readRows(
  task: TaskName,
  given: Record<string, unknown>,
  { isFaulty, ...reading }: RowReading & { isFaulty: boolean },
): Generator<void, ReadRows> {
  const defaults = Object.fromEntries(
    Object.entries(given).filter(([key]) => EVENT_KEYS.includes(key)),
  );
  switch (task) {
    case "send_event": {
      const { nowSeconds } = reading;
      const context = { defaults: {}, nowSeconds, mostFaults: MOST_FAULTS };
      const row = readTaskRow(defaults, 0, context);
      return row.kind === "event"
        ? { ok: true, rows: [row] }
        : { ok: false, faults: row.error.fields ?? [] };
    }
    case "send_batch_events": {
      const list = readList(given.events);
      if (!list.ok) return { ok: false, faults: [{ path: "events", message: list.message }] };
      // A list that is refused anyway need not be read 10,000 times.
      if (isFaulty) return { ok: true, rows: [] };
      return yield* readItems(list.items, { ...reading, defaults });
    }
    case "list_conversion_tags":
    case "get_conversion_tag":
      return { ok: true, rows: [] };
  }
}

/**
 * Adds up, while it reads, what the events weigh as they would be sent: a default is in each of them.
 * Where it may, it takes each item out of the list: as it was given and as it is sent, a large batch
 * would be in memory twice.
 */
function* readItems(
  items: unknown[],
  { usesUp, broken, ...context }: RowReading & { defaults: Record<string, unknown> },
): Generator<void, ReadRows> {
  const rows: TaskRow[] = [];
  let bytes = 0;
  let last: GivenRow | null = null;
  let spared = MOST_OF_ALL_ROWS;
  for (const [index, item] of items.entries()) {
    if (index % SLICE === SLICE - 1) yield;
    if (usesUp) items[index] = null;
    const mostFaults = Math.min(MOST_OF_A_ROW, 1 + spared);
    const fault = broken.get(index);
    const row: TaskRow =
      fault === undefined
        ? readTaskRow(item, index, { ...context, mostFaults })
        : { index, kind: "faulty", eventName: null, error: fault };
    if (row.kind === "faulty") spared -= (row.error.fields?.length ?? 1) - 1;
    else {
      bytes += row.bytes;
      if (last !== null) shareRepeats(row, last);
      last = row;
    }
    if (bytes > MAX_EVENTS_BYTES) return { ok: false, faults: [TOO_MUCH] };
    rows.push(row);
  }
  return { ok: true, rows };
}

const TOO_MUCH: FieldFault = {
  path: "events",
  message: `are together larger than ${MAX_EVENTS_BYTES / 1_024 / 1_024} MiB as they would be sent: split them`,
};

/**
 * Lets an event hold the very values of the one before it where they are the same: what a batch says
 * for all of its events is in memory once then, and not ten thousand times.
 */
function shareRepeats(row: GivenRow, before: GivenRow): void {
  share(row.event.user_data, before.event.user_data);
  const { custom_data: own } = row.event;
  if (own !== undefined) share(own, before.event.custom_data ?? {});
  share(row.event, before.event);
  share(row.mapped, before.mapped);
}

function share(own: object, before: object): void {
  const known = new Map<string, unknown>(Object.entries(before));
  for (const [key, value] of Object.entries(own)) {
    const same = known.get(key);
    if (isSame(value, same)) Object.assign(own, { [key]: same });
  }
}

function isSame(own: unknown, before: unknown): boolean {
  if (typeof own === "string") return own === before;
  if (!Array.isArray(own) || !Array.isArray(before) || own.length !== before.length) return false;
  return own.every((item, place) => typeof item === "string" && item === before[place]);
}

type ReadList = { ok: true; items: unknown[] } | { ok: false; message: string };

function readList(events: unknown): ReadList {
  if (events === undefined) return { ok: false, message: `is missing: it ${EVENTS_RULE}` };
  const items = typeof events === "string" ? parseJson(events) : events;
  if (items === null) return { ok: false, message: "is text that is not valid JSON" };
  if (!Array.isArray(items)) return { ok: false, message: EVENTS_RULE };
  if (items.length === 0)
    return { ok: false, message: "is an empty list: there is nothing to send" };
  if (items.length > MAX_EVENTS) {
    return { ok: false, message: `has ${items.length} events, and ${MAX_EVENTS} is the most` };
  }
  return { ok: true, items };
}

/** Returns null for invalid JSON; JSON's own `null` is not a list either. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A single event's fields are checked as fields of the top, too. */
function dropRepeated(faults: FieldFault[]): FieldFault[] {
  return [...new Map(faults.map((fault) => [fault.path, fault])).values()];
}

function readTaskOptions(fields: TopInput): Omit<TaskRequest, "task" | "rows"> {
  return {
    accessToken: fields.accessToken?.trim() ?? null,
    adAccountId: readId(fields.adAccountId),
    isDemo: fields.demoMode ?? false,
    isTest: fields.test ?? false,
    webhookUrl: fields.webhookUrl ?? null,
    waitSeconds: fields.waitSeconds ?? DEFAULT_WAIT_SECONDS,
    conversionTagId: readId(fields.conversionTagId),
  };
}

function readId(id: string | number | undefined): string | null {
  return id === undefined ? null : String(id);
}
