import type { EventListRow } from "#app/commands/events.server.ts";
import type { DemoShop } from "./install-demo-shop.ts";
import type { SoldInStorefront } from "./sell-in-storefront.ts";
import type { SentDay } from "./send-day.ts";
import type { Stack } from "./start-stack.ts";
import type { Watched } from "./watch-events.ts";

const STATES = ["accepted", "rejected", "skipped", "expired", "pending"] as const;
type Column = (typeof STATES)[number] | "received";
type Row = Record<Column, number>;

/** The table at the end, and what of it does not add up. */
export function checkSums(
  stack: Pick<Stack, "pinterest">,
  shop: DemoShop,
  sent: SentDay,
  sold: SoldInStorefront,
  { events, counts }: Watched,
): { table: string; faults: string[] } {
  const kinds = [...Map.groupBy(events, (event) => event.event_name)].map(
    ([kind, ofKind]) => [kind, countStates(ofKind)] as const,
  );
  const all = countStates(events);
  const { ledger } = stack.pinterest;
  const taken = ledger.accepted.filter(({ adAccountId }) => adAccountId === shop.adAccountId);
  const accepted = events
    .filter(({ state }) => state === "accepted")
    .map(({ event_id }) => event_id);
  const atPinterest = new Set(taken.map(({ eventId }) => eventId));
  const requests = ledger.requests.filter(({ adAccountId }) => adAccountId === shop.adAccountId);
  const sources = sent.sources + sold.sources;
  const unanswered = sent.unanswered + sold.unanswered;
  const lines = [
    `Sent by the local Shopify: ${sent.webhooks.length} webhooks about ${sent.sources} orders, checkouts and sign-ups; ${sent.webhooks.length - sent.unanswered} answered 200`,
    `Sent from its online store: ${sold.webhooks} webhooks, and what the pixel told; ${sold.sources} orders, checkouts, customers and steps of shoppers`,
    "",
    formatRow("", Object.fromEntries(["received", ...STATES].map((name) => [name, name]))),
    ...kinds.map(([kind, row]) => formatRow(kind, row)),
    formatRow("all", all),
    "",
    `Not sent, by reason: ${formatReasons(events)}`,
    `At the local Pinterest: ${taken.length} event ids in ${requests.length} requests, ${requests.filter(({ status }) => status !== 200).length} of them refused or unanswered`,
  ];
  const faults = [
    unanswered > 0 && `${unanswered} webhooks were not answered 200`,
    all.received !== sources && `${sources} sources became ${all.received} events`,
    STATES.some((state) => counts[state] !== all[state]) && "the counters differ from the list",
    counts.received !== all.received && "the counters' sum differs from the list",
    all.pending > 0 && `${all.pending} events are still waiting`,
    taken.length !== accepted.length &&
      "Pinterest's ledger differs from what the app holds accepted",
    accepted.some((id) => !atPinterest.has(id)) && "an accepted event is not in Pinterest's ledger",
    ledger.violations.length > 0 && `Pinterest saw ${ledger.violations.length} violations`,
  ].filter((fault) => fault !== false);
  return { table: lines.join("\n"), faults };
}

function countStates(events: readonly EventListRow[]): Row {
  const row: Row = { received: 0, accepted: 0, rejected: 0, skipped: 0, expired: 0, pending: 0 };
  for (const { state } of events) {
    row.received += 1;
    row[state === "held" || state === "sending" ? "pending" : state] += 1;
  }
  return row;
}

function formatRow(name: string, row: Record<string, string | number>): string {
  const cells = ["received", ...STATES].map((column) => String(row[column]).padStart(10));
  return `  ${name.padEnd(18)}${cells.join("")}`;
}

function formatReasons(events: readonly EventListRow[]): string {
  const skipped = events.filter(({ state }) => state === "skipped");
  const byReason = [...Map.groupBy(skipped, ({ reason }) => reason)];
  return byReason.map(([reason, of]) => `${of.length} ${reason}`).join(", ") || "none";
}
