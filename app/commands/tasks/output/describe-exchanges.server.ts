import type { DemoExchange } from "#app/tasks/task-document.server.ts";

const EVENTS_SHOWN = 3;

/** Requests as they would go out, and the answer to each. */
export function describeExchanges(exchanges: readonly DemoExchange[]): string {
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
