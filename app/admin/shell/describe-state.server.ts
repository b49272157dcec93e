import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { type EventState, UNSENT_WORDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { Formatter } from "./formatter.server.ts";
import { customKind, kindWords, sourceWords, stateVariants, stateWords } from "./words.ts";

/** What of an event decides how its state is written. */
export interface StateFacts {
  state: EventState;
  /** The reason of a skipped or expired event: one of UNSENT_REASONS. */
  reason: string | null;
  /** Pinterest's note to an accepted event. */
  warning: string | null;
  attempts: number;
  nextAt: Date | null;
  kind: string;
  source: string;
  connection: { state: "none" | "active" | "paused"; pauseReason: string | null };
}

/** An event's state in a merchant's words, with the badge's tone and progress. */
export function describeState(facts: StateFacts, format: Pick<Formatter, "moment">): StateBadge {
  switch (facts.state) {
    case "accepted":
      return facts.warning === null
        ? { label: stateWords.accepted, tone: "success", progress: "complete", isNoted: false }
        : { label: stateVariants.warned, tone: "success", progress: "complete", isNoted: true };
    case "rejected":
      return plain(stateWords.rejected, "critical", "complete");
    case "expired": {
      const isGone = facts.reason === "content_gone";
      const label = isGone ? stateVariants.contentGone : stateWords.expired;
      return plain(label, "critical", "complete");
    }
    case "skipped":
      return plain(
        formatMessage(stateWords.skipped, { reason: describeReason(facts) }),
        null,
        null,
      );
    case "sending":
      return plain(stateWords.sending, "info", "partiallyComplete");
    case "held":
      return describeHeld(facts, format);
    case "pending":
      return describeWaiting(facts, format);
  }
}

function describeHeld({ kind, nextAt }: StateFacts, format: Pick<Formatter, "moment">): StateBadge {
  if (kind === "signup") return plain(stateVariants.heldSignup, null, "incomplete");
  const label =
    nextAt === null
      ? stateWords.held
      : formatMessage(stateVariants.heldUntil, { time: format.moment(nextAt).text });
  return plain(label, null, "incomplete");
}

function describeWaiting(facts: StateFacts, format: Pick<Formatter, "moment">): StateBadge {
  const { connection, attempts, nextAt } = facts;
  if (connection.state === "none") return plain(stateVariants.keptUntilConnected, "warning", null);
  if (connection.state === "paused") {
    const { kept, keptWhilePaused } = stateVariants;
    const label = endsByReconnecting(connection.pauseReason) ? kept : keptWhilePaused;
    return plain(label, "warning", null);
  }
  if (attempts === 0 || nextAt === null) return plain(stateWords.pending, null, "incomplete");
  const time = format.moment(nextAt).text;
  return plain(formatMessage(stateVariants.retrying, { time }), "attention", "partiallyComplete");
}

/** Pauses in which Pinterest accepts the connection: a new one would be paused too. */
const OTHER_PAUSES: readonly (string | null)[] = ["merchant", BILLING_PAUSE, "internal"];

/** Whether a pause ends when the merchant connects Pinterest anew. */
export function endsByReconnecting(pauseReason: string | null): boolean {
  return !OTHER_PAUSES.includes(pauseReason);
}

function plain(
  label: string,
  tone: StateBadge["tone"],
  progress: StateBadge["progress"],
): StateBadge {
  return { label, tone, progress, isNoted: false };
}

/** Why an event was not sent, to follow "Not sent:". */
export function describeReason({
  reason,
  kind,
  source,
}: Pick<StateFacts, "reason" | "kind" | "source">): string {
  const text = lookUp(UNSENT_WORDS, reason)?.words;
  // A reason that is not ours must not be parsed as a message with blanks.
  if (text === undefined) return reason ?? "";
  return formatMessage(text, { kind: describeKind(kind), source: describeSource(source) });
}

/** `checkout` → `Purchase` */
export function describeKind(kind: string): string {
  return lookUp(kindWords, kind) ?? formatMessage(customKind, { name: kind });
}

/** `pos` → `Point of Sale`; another app's number stays as it is. */
export function describeSource(source: string): string {
  return lookUp(sourceWords, source) ?? source;
}

/** An event's state as a badge: a word always, the color never alone. */
export interface StateBadge {
  label: string;
  tone: "success" | "critical" | "attention" | "warning" | "info" | null;
  progress: "incomplete" | "partiallyComplete" | "complete" | null;
  /** Pinterest left a note: an icon says so beside the word. */
  isNoted: boolean;
}
