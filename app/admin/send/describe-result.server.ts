import { formatMessage } from "#app/events/format-message.ts";
import type { RowError, TaskDocument, TaskResult } from "#app/tasks/task-document.server.ts";
import type { SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";

export interface ResultWords {
  tone: "success" | "info" | "warning" | "critical";
  title: string;
  text: string | null;
}

const { result: texts } = sendTexts;

export function describeResult(document: TaskDocument, mode: SendMode): ResultWords {
  const [result] = "results" in document ? document.results : [];
  const error = "error" in document ? document.error : undefined;
  if (result === undefined || (error && result.status !== "accepted")) {
    return { tone: "critical", title: texts.notSent, text: explain(error ?? null) };
  }
  switch (result.status) {
    case "accepted":
      return describeAccepted(result, mode);
    case "pending":
      return describePending(result);
    case "failed":
      return {
        tone: "critical",
        title: mode === "test" ? texts.testRefused : texts.liveRefused,
        text: explain(result.error),
      };
    case "skipped":
      return { ...skippedTitle(mode), text: explain(result.error) };
    case "undetermined":
      return { tone: "warning", title: texts.unknown, text: explain(result.error) };
  }
}

function describeAccepted({ warning, event_id }: TaskResult, mode: SendMode): ResultWords {
  const note = warning === null ? "" : ` ${formatMessage(texts.warning, { text: warning })}`;
  switch (mode) {
    case "demo":
      return { tone: "info", title: texts.demoAccepted, text: texts.demoAcceptedText };
    case "test":
      return { tone: "success", title: texts.testAccepted, text: texts.testAcceptedText + note };
    case "live": {
      const text = formatMessage(texts.liveAcceptedText, { id: event_id ?? "" });
      return { tone: "success", title: texts.liveAccepted, text: text + note };
    }
  }
}

function describePending({ error, event_id }: TaskResult): ResultWords {
  const id = event_id ?? "";
  return error?.code === "paused"
    ? {
        tone: "warning",
        title: texts.livePaused,
        text: formatMessage(texts.livePausedText, { id }),
      }
    : {
        tone: "info",
        title: texts.livePending,
        text: formatMessage(texts.livePendingText, { id }),
      };
}

function skippedTitle(mode: SendMode): Pick<ResultWords, "tone" | "title"> {
  switch (mode) {
    case "demo":
      return { tone: "warning", title: texts.demoRefused };
    case "test":
      return { tone: "critical", title: texts.testRefused };
    case "live":
      return { tone: "critical", title: texts.notSent };
  }
}

/** The catalogue's words, but where they name keys and commands that the page does not have. */
function explain(error: RowError | null): string | null {
  switch (error?.code) {
    case undefined:
      return null;
    case "no_match_key":
      return texts.identity;
    case "expired":
      return texts.expired;
    case "missing_token":
      return texts.notConnected;
    case "invalid_input":
    case "unauthorized":
    case "forbidden":
    case "rate_limited":
    case "not_found":
    case "pinterest_unavailable":
    case "undetermined":
    case "rejected":
    case "paused":
      return `${error.message} ${error.action}`;
    default:
      return texts.keptBack;
  }
}
