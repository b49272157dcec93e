import { type EventDetail, readEventDetail } from "#app/commands/reads/event-detail.server.ts";
import {
  type EventListChoice,
  type EventListRow,
  listEvents,
} from "#app/commands/reads/list-events.server.ts";
import type { EventCounts } from "#app/events/event-state.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { type CommandContext, CommandError, type CommandResult } from "./command.server.ts";
import { formatFields, formatTable, plain } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay events list` */
export async function listShopEvents(
  context: CommandContext,
  { shop: domain, ...choice }: { shop: string } & EventListChoice,
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const { id } = await requireShop({ db }, domain);
    const list = await listEvents({ db }, id, choice);
    return { json: list, text: describeList(list) };
  });
}

function describeList({ events, counts }: { events: EventListRow[]; counts: EventCounts }): string {
  const titles = ["EVENT ID", "EVENT", "STATE", "VALUE", "HAPPENED", "REASON"];
  const rows = events.map((event) => [
    event.event_id,
    event.event_name,
    event.state,
    event.value === null ? null : `${event.value} ${event.currency ?? ""}`,
    new Date(event.event_time * 1_000).toISOString(),
    event.reason ?? event.warning,
  ]);
  const { received, ...terms } = counts;
  const sum = Object.entries(terms).map(([state, n]) => `${n} ${state}`);
  return [
    ...(events.length === 0 ? ["No such event."] : [formatTable(titles, rows)]),
    "",
    `${received} received = ${sum.join(" + ")}`,
  ].join("\n");
}

/** `pinrelay events show` */
export async function showEvent(
  context: CommandContext,
  { shop: domain, eventId }: { shop: string; eventId: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db, config }) => {
    const { id } = await requireShop({ db }, domain);
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    const detail = await readEventDetail({ db, keyring }, id, eventId);
    if (detail !== null) return { json: detail, text: describeDetail(detail) };
    throw new CommandError(
      {
        code: "not_found",
        message: `${domain} has no event ${eventId}.`,
        action: "`pinrelay events list` names the shop's events.",
      },
      1,
    );
  });
}

const PAYLOAD_TEXTS = {
  none: "No payload: the event was skipped.",
  dropped: "The payload is past the time for which it is kept.",
  locked: "The payload is encrypted under a key that is not in ENCRYPTION_KEYS.",
};

function describeDetail(detail: EventDetail): string {
  const { event, payload, payload_status: status, attempts } = detail;
  return [
    formatFields(event),
    "",
    status === "kept" ? JSON.stringify(payload, null, 2) : PAYLOAD_TEXTS[status],
    "",
    ...(attempts.length === 0 ? ["Not sent to Pinterest yet."] : attempts.map(describeAttempt)),
  ].join("\n");
}

function describeAttempt(attempt: EventDetail["attempts"][number], index: number): string {
  const { started_at: at, http_status: status, duration_ms: ms, events, answer } = attempt;
  const said = [answer?.status, answer?.message, attempt.message].filter(Boolean);
  return plain(
    `Attempt ${index + 1}  ${at}  HTTP ${status ?? "none"}  ${ms} ms  ${events} events  ${said.join(": ") || attempt.outcome}`,
  );
}
