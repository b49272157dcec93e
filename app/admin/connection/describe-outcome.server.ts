import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import { type NoticeWords, noticeParagraph } from "#app/events/notices/notice.ts";
import type { AccountChosen } from "#app/shops/connection/choose-ad-account.server.ts";
import type { PasteResult } from "#app/shops/connection/paste-token.server.ts";
import type { ConnectionTest } from "#app/shops/connection/test-connection.server.ts";
import { connectionTexts as texts } from "./texts.ts";

export interface TestRow {
  id: "token" | "account" | "event";
  label: string;
  mark: "passed" | "failed" | "open";
  /** The catalogue's words. */
  problem: string | null;
}

/** What a button of the page led to. */
export type ConnectionOutcome =
  | { kind: "go"; url: string }
  | { kind: "done"; toast: string }
  | { kind: "faulty"; account: string | null; token: string | null }
  | { kind: "trouble"; notice: NoticeWords }
  /** The seconds to wait before the next request. */
  | { kind: "wait"; seconds: number; text: string }
  | { kind: "tested"; rows: TestRow[]; summary: string; hasPassed: boolean };

/** What became of a pasted token. */
export function describePaste(pasted: PasteResult, adAccountId: string): ConnectionOutcome {
  switch (pasted.kind) {
    case "connected":
      return { kind: "done", toast: texts.toasts.connected };
    case "wait":
      return waiting(pasted.seconds);
    case "failed":
      return { kind: "trouble", notice: describeFailure(pasted.fault, pasted.detail) };
    case "faulty": {
      const { account, token } = texts.faults;
      return {
        kind: "faulty",
        account:
          pasted.adAccountId === null
            ? null
            : formatMessage(account[pasted.adAccountId], { account: adAccountId }),
        token: pasted.token === null ? null : token[pasted.token],
      };
    }
  }
}

/** What became of the choice of an account. */
export function describeChoice(chosen: AccountChosen): ConnectionOutcome {
  const { account, toasts } = texts;
  switch (chosen) {
    case "connected":
    case "changed":
    case "unchanged":
      return { kind: "done", toast: toasts[chosen] };
    case "not_allowed":
      return { kind: "trouble", notice: account.notAllowed };
    case "stale":
      return { kind: "trouble", notice: account.stale };
    case "failed":
      return { kind: "trouble", notice: describeFailure("pinterest_down", "") };
  }
}

const ROWS = ["token", "account", "event"] as const;

/**
 * The row at which each result stopped the test. A result about anything but the connection has
 * none.
 */
const STOPS = {
  connection_refused: "token",
  role_missing: "account",
  wrong_account: "account",
  event_refused: "event",
} as const satisfies Record<string, (typeof ROWS)[number]>;

/** The three rows of a test, each with the catalogue's words where it failed. */
export function describeTest(tested: ConnectionTest): ConnectionOutcome {
  if (tested.kind === "wait") return waiting(tested.seconds);
  if (tested.kind === "not_connected") {
    return { kind: "trouble", notice: texts.test.notConnected };
  }
  const { result, hasResumed } = tested;
  const hasPassed = result === "passed";
  const stop = hasPassed ? ROWS.length : ROWS.indexOf(lookUp(STOPS, result) ?? "token");
  const isKnown = hasPassed || lookUp(STOPS, result) !== undefined;
  const rows = ROWS.map((id, index): TestRow => {
    const mark = index < stop ? "passed" : index === stop && isKnown ? "failed" : "open";
    const label = texts.test.rows[id];
    return { id, label, mark, problem: mark === "failed" ? describeProblem(tested) : null };
  });
  const passed = hasResumed ? texts.test.resumed : texts.test.passed;
  return { kind: "tested", rows, summary: hasPassed ? passed : describeProblem(tested), hasPassed };
}

function describeProblem({
  result,
  adAccountId: account,
  detail,
}: Extract<ConnectionTest, { kind: "tested" }>) {
  switch (result) {
    case "role_missing":
    case "wrong_account":
      return noticeParagraph(formatNotice(result, { account }));
    case "connection_refused":
      return noticeParagraph(formatNotice(result, {}));
    case "event_refused": {
      const { title, cause } = formatNotice(result, { answer: detail });
      return `${title}. ${cause}`;
    }
    default:
      return noticeParagraph(
        describeFailure(result === "answer_unreadable" ? result : "pinterest_down", detail),
      );
  }
}

/** Why nothing was changed. */
function describeFailure(
  why: "event_refused" | "pinterest_down" | "answer_unreadable",
  answer: string,
): NoticeWords {
  return why === "event_refused"
    ? formatNotice("event_refused.tested", { answer })
    : formatNotice(`${why}.unchanged`, {});
}

function waiting(seconds: number): ConnectionOutcome {
  return { kind: "wait", seconds, text: formatMessage(texts.test.wait, { s: seconds }) };
}
