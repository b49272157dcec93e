import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import { sendSorted } from "#app/tasks/send/send-sorted.server.ts";
import type { OutboxGateway } from "#app/tasks/shop/create-outbox-gateway.server.ts";
import { chooseTarget } from "./choose-target.server.ts";
import { getTag, listTags } from "./read-tags.server.ts";
import type {
  RowError,
  SendDocument,
  TaskDocument,
  TaskError,
  TaskResult,
} from "./task-document.server.ts";
import { inputError, taskError } from "./task-error.server.ts";
import type { SortedRows, TaskRequest, TaskRow } from "./task-request.server.ts";

export interface TaskServices {
  /** Asked for only when there is a request to make: the client takes a while to load. */
  pinterest: () => Promise<Pick<PinterestClient, "sendEvents" | "listTags" | "getTag">>;
  /** Pinterest's, for what demo mode shows. */
  apiUrl: string;
  /** Null: the task has no shop. */
  shop: OutboxGateway | null;
  nowMs: () => number;
  /** A number from 0 to 1. */
  random: () => number;
  wait: (ms: number) => Promise<void>;
  /** Milliseconds that a task may go on trying for, if nothing else keeps its events. */
  deadlineMs: number;
  /** Rows of a sending task that have their outcome, of all. */
  onProgress?: ((settled: number, total: number) => void) | undefined;
}

/**
 * Runs a task. Never rejects for what Pinterest or the network does; a fault of the shop's database
 * rejects. The document holds no token, and personal data only hashed or as Pinterest gets it.
 */
export async function runTask(services: TaskServices, request: TaskRequest): Promise<TaskDocument> {
  const { task, rows, conversionTagId } = request;
  const isSending = task === "send_event" || task === "send_batch_events";
  const choice = await chooseTarget(services.shop, { ...request, isSending });
  if (!choice.ok) return { task, ok: false, error: choice.error };
  const { target } = choice;
  const patient = { ...services, giveUpAtMs: services.nowMs() + services.deadlineMs };
  if (target.kind === "outbox" || isSending) {
    const onSettled = (settled: number) => services.onProgress?.(settled, rows.length);
    const sorted = sortRows(rows, Math.floor(services.nowMs() / 1_000));
    return sendSorted({ ...patient, onSettled }, request, target, sorted);
  }
  if (task === "list_conversion_tags") return listTags(patient, target);
  if (conversionTagId !== null) return getTag(patient, target, conversionTagId);
  const fault = { path: "conversionTagId", message: "is missing: the tag to get" };
  return { task, ok: false, error: inputError([fault]) };
}

/** The options of a task, besides its event. */
interface TaskOptions {
  isDemo: boolean;
  isTest: boolean;
  adAccountId: string | null;
  waitSeconds: number;
}

/**
 * Sends an event that is mapped already, such as that of an order, as `send_event` sends one that is
 * given. Null: the mapping says that it is not to be sent.
 */
export async function runMapped(
  services: TaskServices,
  mapped: MappedEvent,
  options: TaskOptions,
): Promise<SendDocument | { ok: false; error: TaskError } | null> {
  if (mapped.outcome.kind === "skip") return null;
  const sending = { accessToken: null, rows: [], isSending: true };
  const choice = await chooseTarget(services.shop, { ...options, ...sending });
  if (!choice.ok) return choice;
  const giveUpAtMs = services.nowMs() + services.deadlineMs;
  const { event } = mapped.outcome;
  const bytes = Buffer.byteLength(JSON.stringify(event));
  return sendSorted(
    { ...services, giveUpAtMs, onSettled: () => {} },
    { ...options, task: "send_event" },
    choice.target,
    { outgoing: [{ index: 0, mapped, event, bytes }], skipped: [], refusable: [] },
  );
}

/** The age up to which Pinterest accepts events; Pinrelay stops a few hours earlier. */
const PINTEREST_SECONDS = 7 * 24 * 60 * 60;

/** Decides which rows are sent, and why the others are not. */
export function sortRows(rows: readonly TaskRow[], nowSeconds: number): SortedRows {
  const sorted: SortedRows = { outgoing: [], skipped: [], refusable: [] };
  /** Index of each event that is sent, by name and id. */
  const places = new Map<string, number>();
  for (const row of rows) {
    if (row.kind === "faulty") {
      sorted.skipped.push(skippedRow(row, row.error));
      continue;
    }
    const { index, mapped, event, bytes } = row;
    const identity = JSON.stringify([mapped.kind, mapped.eventId]);
    const first = places.get(identity);
    if (mapped.outcome.kind === "skip") {
      const reason = mapped.outcome.reason === "too_old" ? "too_old" : "no_match_key";
      sorted.skipped.push(skippedRow(row, taskError(reason, reason, {})));
      if (reason !== "too_old" || event.event_time < nowSeconds - PINTEREST_SECONDS) {
        sorted.refusable.push({ event, bytes, reason });
      }
    } else if (first === undefined) {
      places.set(identity, index);
      sorted.outgoing.push({ index, mapped, event, bytes });
    } else {
      sorted.skipped.push(skippedRow(row, taskError("duplicate", "duplicate", { row: first })));
    }
  }
  return sorted;
}

function skippedRow(row: TaskRow, error: RowError): TaskResult {
  return {
    index: row.index,
    event_id: row.kind === "event" ? row.mapped.eventId : null,
    event_name: row.kind === "event" ? row.mapped.kind : row.eventName,
    status: "skipped",
    warning: null,
    error,
    event: null,
  };
}
