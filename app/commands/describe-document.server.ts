import type { ConversionTag } from "#app/pinterest/answers.server.ts";
import type {
  DemoExchange,
  SendDocument,
  TagDocument,
  TagsDocument,
  TaskDocument,
  TaskError,
  TaskResult,
} from "#app/tasks/task-document.server.ts";
import { formatFields, formatTable, plain } from "./format-table.server.ts";

interface Description {
  text: string;
  /** The task's error, for stderr. */
  complaint?: string;
}

/** Formats a task's result for a person. `lines`: the line on which each row starts, by index. */
export function describeDocument(
  document: TaskDocument,
  lines: readonly number[] = [],
): Description {
  if ("results" in document) return describeSending(document, lines);
  if ("tags" in document) return { text: describeTags(document) };
  if ("tag" in document) return { text: describeTag(document) };
  return { text: "", complaint: describeError(document.error).join("\n") };
}

/** Cause, faulty keys, next step. */
function describeError({ message, action, fields = [] }: Omit<TaskError, "code">): string[] {
  // Most messages name their fields already.
  const unnamed = fields.filter((field) => !message.includes(field.message));
  return [plain(message), ...unnamed.map(describeField), plain(action)];
}

function describeField({ path, message }: { path: string; message: string }): string {
  return `  ${plain(path)}: ${plain(message)}`;
}

function describeSending(document: SendDocument, lines: readonly number[]): Description {
  const { demo, error, requests = [], results } = document;
  const text = [
    demo ? `Demo: nothing was sent. ${countRows(document)}` : countRows(document),
    ...describeRows(results, error, lines),
    ...(demo ? ["", describeExchanges(requests)] : []),
  ].join("\n");
  return error === undefined ? { text } : { text, complaint: describeError(error).join("\n") };
}

function countRows({ demo, test, ad_account_id: account, summary }: SendDocument): string {
  const { received, ...counts } = summary;
  const parts = Object.entries(counts)
    .filter(([name, count]) => name === "accepted" || count > 0)
    .map(([name, count]) => `${count} ${demo && name === "accepted" ? "would be accepted" : name}`);
  const mode = test ? " as a test, which Pinterest checks and does not record" : "";
  const what = `${received} ${received === 1 ? "event" : "events"} for ad account ${account}${mode}`;
  return demo ? `Of ${what}, ${parts.join(", ")}.` : `${what}: ${parts.join(", ")}.`;
}

const ROWS_SHOWN = 20;

/** Only rows with their own message are listed: a list of a thousand helps no reader. */
function describeRows(
  results: readonly TaskResult[],
  common: TaskError | undefined,
  lines: readonly number[],
): string[] {
  const telling = results.filter(({ status, warning, error }) =>
    error === null ? status !== "accepted" || warning !== null : error.code !== common?.code,
  );
  const shown = telling.slice(0, ROWS_SHOWN).flatMap((result) => describeRow(result, lines));
  const left = telling.length - ROWS_SHOWN;
  return left > 0 ? [...shown, `… and ${left} more rows; --json shows all.`] : shown;
}

function describeRow(result: TaskResult, lines: readonly number[]): string[] {
  const { index, status, error, warning, event_id: id, event_name: name } = result;
  const line = lines[index] === undefined ? "" : ` (line ${lines[index]})`;
  const event = [name, id].filter((part) => part !== null).map(plain);
  const head = [`row ${index}${line}`, status, ...event].join("  ");
  if (error === null) return warning === null ? [head] : [`${head}  ${plain(warning)}`];
  return [head, ...describeError(error).map((text) => `    ${text}`)];
}

const DEMO = "Demo: Pinterest was not asked, and these are made up.";

function describeTags({ demo, tags, requests, note = "" }: TagsDocument): string {
  if (tags.length === 0) return note;
  const rows = tags.map((tag) => [tag.id, tag.name, tag.status, lastFired(tag)]);
  return [
    ...(demo ? [DEMO, ""] : []),
    formatTable(["TAG ID", "NAME", "STATUS", "LAST FIRED"], rows),
    ...(demo ? ["", describeExchanges(requests ?? [])] : []),
  ].join("\n");
}

function describeTag({ demo, tag, requests }: TagDocument): string {
  const snippet = tag.code_snippet?.split("\n").map(plain) ?? [];
  return [
    ...(demo ? [DEMO, ""] : []),
    formatFields({
      "tag id": tag.id,
      name: tag.name,
      status: tag.status,
      "last fired": lastFired(tag),
      "ad account": tag.ad_account_id,
    }),
    ...(snippet.length > 0 ? ["", ...snippet] : []),
    ...(demo ? ["", describeExchanges(requests ?? [])] : []),
  ].join("\n");
}

function lastFired({ last_fired_time_ms: at }: ConversionTag): string {
  if (at === null || at === undefined) return "never";
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? "-" : moment.toISOString();
}

const EVENTS_SHOWN = 3;

/** Requests as they would go out, and the answer to each. */
function describeExchanges(exchanges: readonly DemoExchange[]): string {
  return exchanges.map(describeExchange).join("\n\n");
}

function describeExchange({ method, url, headers, body, answer, note }: DemoExchange): string {
  const events = (body as { data?: unknown[] } | null)?.data ?? [];
  const left = events.length - EVENTS_SHOWN;
  return [
    note ?? "This would be sent:",
    "",
    `${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === null || body === undefined
      ? []
      : ["", left > 0 ? printJson({ data: events.slice(0, EVENTS_SHOWN) }) : printJson(body)]),
    ...(left > 0 ? [`… and ${left} more events; --json shows all.`] : []),
    "",
    `Pinterest would answer ${answer.http_status}:`,
    "",
    printJson(shortened(answer.body)),
  ].join("\n");
}

function shortened(answer: unknown): unknown {
  const { events } = (answer ?? {}) as { events?: unknown[] };
  if (!Array.isArray(events) || events.length <= EVENTS_SHOWN) return answer;
  return { ...(answer as object), events: events.slice(0, EVENTS_SHOWN) };
}

/** Safe for a terminal: JSON leaves some control characters as they are. */
function printJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
