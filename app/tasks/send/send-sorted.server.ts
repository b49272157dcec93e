import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { DirectTarget, Target } from "#app/tasks/choose-target.server.ts";
import {
  type DemoExchange,
  demoExchange,
  type RowStatus,
  type SendDocument,
  type Summary,
  type TaskError,
  type TaskResult,
} from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";
import type {
  OutgoingEvent,
  RefusableReason,
  SortedRows,
  TaskRequest,
} from "#app/tasks/task-request.server.ts";
import { type DirectSender, intoRequests, sendDirect } from "./send-direct.server.ts";

export interface SendingServices extends Omit<DirectSender, "pinterest"> {
  pinterest: () => Promise<DirectSender["pinterest"]>;
  apiUrl: string;
}

/** The outcomes of the rows that had to be sent. */
interface Sent {
  results: TaskResult[];
  error?: TaskError | null;
  requests?: DemoExchange[];
}

/** Sends rows that are sorted, to where the task goes: a result for each, in the order of the input. */
export async function sendSorted(
  services: SendingServices,
  { task, isTest, waitSeconds }: Pick<TaskRequest, "task" | "isTest" | "waitSeconds">,
  target: Target,
  sorted: SortedRows,
): Promise<SendDocument> {
  const onSettled = (settled: number) => services.onSettled(sorted.skipped.length + settled);
  onSettled(0);
  const sent = await sendRows({ ...services, onSettled }, target, sorted, waitSeconds);
  const results = [...sorted.skipped, ...sent.results].sort((a, b) => a.index - b.index);
  const { ok, summary } = summariseResults(results);
  const document: SendDocument = {
    task,
    demo: target.kind === "demo",
    test: isTest,
    ok: ok && !sent.error,
    ad_account_id: target.adAccountId,
    summary,
    results,
    ...(sent.error ? { error: sent.error } : {}),
    ...(sent.requests === undefined ? {} : { requests: sent.requests }),
  };
  return boundDocument(
    document,
    sorted.outgoing.reduce((sum, { bytes }) => sum + bytes, 0),
  );
}

async function sendRows(
  services: SendingServices,
  target: Target,
  sorted: SortedRows,
  waitSeconds: number,
): Promise<Sent> {
  const { outgoing } = sorted;
  switch (target.kind) {
    case "demo": {
      const results = outgoing.map((row) => toResult(row, ACCEPTED));
      services.onSettled(results.length);
      return { results, requests: demoRequests(services.apiUrl, target, sorted) };
    }
    case "direct":
      return sendNow(services, target, outgoing);
    case "outbox":
      return { results: await sendDurably(services, target, outgoing, waitSeconds) };
  }
}

const ACCEPTED = { status: "accepted", warning: null, error: null } as const;

async function sendNow(
  services: SendingServices,
  target: DirectTarget,
  outgoing: readonly OutgoingEvent[],
): Promise<Sent> {
  if (outgoing.length === 0) return { results: [] };
  const sender = { ...services, pinterest: await services.pinterest() };
  const { outcomes, error } = await sendDirect(sender, target, outgoing);
  const results = outgoing.flatMap((row, place) => {
    const outcome = outcomes[place];
    return outcome === undefined ? [] : [toResult(row, outcome)];
  });
  return { results, error };
}

/** The call does not wait for events of a paused connection. */
async function sendDurably(
  { onSettled }: SendingServices,
  { gateway, isPaused }: Extract<Target, { kind: "outbox" }>,
  outgoing: readonly OutgoingEvent[],
  waitSeconds: number,
): Promise<TaskResult[]> {
  if (outgoing.length === 0) return [];
  const results = await gateway.send(outgoing, {
    waitSeconds: isPaused ? 0 : waitSeconds,
    onSettled,
  });
  if (!isPaused) return results;
  const error = taskError("paused", "paused", {});
  return results.map((result) =>
    result.status === "pending" ? { ...result, error: result.error ?? error } : result,
  );
}

function toResult(
  { index, event }: OutgoingEvent,
  outcome: Pick<TaskResult, "status" | "warning" | "error">,
): TaskResult {
  return { index, event_id: event.event_id, event_name: event.event_name, ...outcome, event };
}

/** Counts the results. Undetermined and pending appear only if there are any. */
export function summariseResults(results: readonly TaskResult[]): {
  ok: boolean;
  summary: Summary;
} {
  const count = (status: RowStatus) => results.filter((result) => result.status === status).length;
  const [accepted, undetermined, pending] = [
    count("accepted"),
    count("undetermined"),
    count("pending"),
  ];
  const summary = {
    received: results.length,
    accepted,
    failed: count("failed"),
    skipped: count("skipped"),
    ...(undetermined > 0 ? { undetermined } : {}),
    ...(pending > 0 ? { pending } : {}),
  };
  return { ok: accepted + pending === results.length, summary };
}

/** Bytes of a result document's JSON with its events, within a few of each row. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/**
 * The document as it is answered, stored and posted. A default of all events stands in each of
 * them, so that a small request may unfold to a large answer: then the rows leave out their event,
 * and a demo shows the first request alone.
 */
function boundDocument(document: SendDocument, eventBytes: number): SendDocument {
  const { results, requests } = document;
  const rows = results.map(({ event: _, ...result }) => result);
  // A demo shows each event in its row and in its request.
  const shown = requests === undefined ? eventBytes : 2 * eventBytes;
  const bytes = rows.reduce((sum, row) => sum + JSON.stringify(row).length, shown);
  if (bytes <= MAX_DOCUMENT_BYTES) return document;
  return {
    ...document,
    results: rows,
    events_omitted: true,
    ...(requests !== undefined && { requests: requests.slice(0, 1) }),
  };
}

const REFUSALS: Record<RefusableReason, string> = {
  no_match_key: "user_data needs em, hashed_maids, or both client_ip_address and client_user_agent",
  too_old: "event_time is older than 7 days",
};

const KEPT_BACK =
  "Pinrelay does not make this request: it keeps these events back, because Pinterest would refuse them as shown.";

/**
 * Every request that would be made, with Pinterest's answer; then, marked as such, what Pinterest
 * would say to the events that are kept back for its sake.
 */
function demoRequests(
  apiUrl: string,
  target: { adAccountId: string; isTest: boolean },
  { outgoing, refusable }: Pick<SortedRows, "outgoing" | "refusable">,
): DemoExchange[] {
  const path = `/ad_accounts/${target.adAccountId}/events${target.isTest ? "?test=true" : ""}`;
  const request = (data: ConversionEvent[], outcomes: object[], processed: number) => {
    const counts = { num_events_received: data.length, num_events_processed: processed };
    return demoExchange(apiUrl, { path, body: { data }, answer: { ...counts, events: outcomes } });
  };
  const sent = intoRequests(outgoing).map((part) => {
    const data = part.map(({ event }) => event);
    return request(
      data,
      data.map(() => PROCESSED),
      data.length,
    );
  });
  const kept = intoRequests(refusable).map((part) => {
    const data = part.map(({ event }) => event);
    return { ...request(data, part.map(toRefusal), 0), note: KEPT_BACK };
  });
  return [...sent, ...kept];
}

const PROCESSED = { status: "processed", error_message: null, warning_message: null };

function toRefusal({ reason }: { reason: RefusableReason }): object {
  return { status: "failed", error_message: REFUSALS[reason], warning_message: null };
}
