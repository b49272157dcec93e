import type { TestResult } from "#app/alerts/send-test-alert.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import { alertTexts } from "./texts.ts";

/** What became of a test alert, a line for each destination. */
export interface TestAnswer {
  results: { text: string; problem: NoticeWords | null }[];
  /** Why none was sent. */
  problem: NoticeWords | null;
}

export function describeTest(results: readonly TestResult[]): TestAnswer {
  return {
    results: results.map(({ channel, name, outcome }) => ({
      text: formatMessage(alertTexts.reached[channel], { name }),
      problem: outcome.ok
        ? null
        : formatNotice("alert_undelivered", { address: name, why: outcome.why }),
    })),
    problem: null,
  };
}

export function describeTestLimit(seconds: number): TestAnswer {
  return { results: [], problem: formatNotice("test_limit.alerts", { seconds }) };
}
