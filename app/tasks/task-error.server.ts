import { formatNotice, type NoticeValues } from "#app/events/notices/format-notice.ts";
import { noticeLine } from "#app/events/notices/notice.ts";
import type { NoticeName } from "#app/events/notices/notices.ts";
import type { FieldFault, RowError, TaskError } from "./task-document.server.ts";

/** An error as documents carry it, in the catalogue's words. */
export function taskError<Code extends RowError["code"], Name extends NoticeName>(
  code: Code,
  name: Name,
  values: NoticeValues<Name>,
): { code: Code; message: string; action: string } {
  const notice = formatNotice(name, values);
  return { code, message: noticeLine(notice), action: notice.nextStep };
}

/** The error of an input with faults, each of them named; `fields` is not empty. */
export function inputError(fields: FieldFault[]): TaskError {
  const named = fields.slice(0, MOST_NAMED).map(({ path, message }) => `${path} ${message}`);
  const others = fields.length - named.length;
  const faults = [...named, ...(others > 0 ? [`${others} more`] : [])].join("; ");
  return { ...taskError("invalid_input", "input_unusable", { faults }), fields };
}

/** Faults in the message that a person reads; `fields` has all. */
const MOST_NAMED = 5;
