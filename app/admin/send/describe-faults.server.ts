import { say } from "#app/admin/shell/format/say.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { TaskResult } from "#app/tasks/task-document.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import type { Batch } from "./read-batch.server.ts";
import type { FaultView } from "./view.ts";

const { problems, wholeRow } = sendFileTexts;

export function describeFaults(
  batch: Pick<Batch, "numberOf" | "sorted">,
  skipped: readonly TaskResult[],
): FaultView[] {
  return [...skipped].sort((a, b) => a.index - b.index).flatMap(openFaultDescriber(batch));
}

/** Describes the faults of one row of the batch. */
export function openFaultDescriber({
  numberOf,
  sorted,
}: Pick<Batch, "numberOf" | "sorted">): (result: TaskResult) => FaultView[] {
  const firsts = new Map(
    sorted.outgoing.map(({ index, mapped }) => [keyOf(mapped.eventId, mapped.kind), index]),
  );
  return ({ index, event_id, event_name, error }) => {
    const row = numberOf(index);
    switch (error?.code) {
      case "no_match_key":
        return [fault(row, "email", sendFileTexts.noIdentity, sendFileTexts.noIdentityFix)];
      case "too_old":
        return [fault(row, "eventTime", sendFileTexts.tooOld, sendFileTexts.tooOldFix)];
      case "duplicate": {
        const first = numberOf(firsts.get(keyOf(event_id, event_name)) ?? 0);
        const problem = say(sendFileTexts.duplicate, { row: first });
        return [fault(row, "eventId", problem, sendFileTexts.duplicateFix)];
      }
      default:
        return (error?.fields ?? []).map(({ path, message }) =>
          fault(row, columnOf(path), problemOf(path), asSentence(message)),
        );
    }
  };
}

function keyOf(eventId: string | null, eventName: string | null): string {
  return `${eventName}\n${eventId}`;
}

function fault(row: number, column: string, problem: string, fix: string): FaultView {
  return { row, column, problem, fix };
}

function columnOf(path: string): string {
  return path === "row" || path === "event" ? wholeRow : path;
}

function problemOf(path: string): string {
  const [key = ""] = path.split(".");
  return lookUp(problems, key) ?? sendFileTexts.otherProblem;
}

function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
