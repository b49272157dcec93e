import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { demoExchange } from "#app/tasks/demo-exchange.server.ts";
import type { DemoExchange } from "#app/tasks/task-document.server.ts";
import { intoRequests } from "./send-direct.server.ts";
import type { RefusableReason, SortedRows } from "./sort-rows.server.ts";

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
export function demoRequests(
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
