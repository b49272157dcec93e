import { say } from "#app/admin/shell/format/say.ts";
import { nowSeconds, type SendMerchant } from "#app/admin/shell/send-merchant.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import type { SendFaults } from "./send-form.ts";
import { sendTexts } from "./texts.ts";

const PINTEREST_SECONDS = 7 * 24 * 60 * 60;

/** What stands under the time of an event that is too old: past seven days, or too near to them. */
export function describeAge({ rows }: TaskRequest, { format }: SendMerchant): SendFaults {
  const [row] = rows;
  const seconds = (row?.kind === "event" && row.mapped.eventTimeSeconds) || nowSeconds();
  const { tooOld, nearlyTooOld } = sendTexts.faults;
  const text = nowSeconds() - seconds > PINTEREST_SECONDS ? tooOld : nearlyTooOld;
  return { eventTime: say(text, { date: format.moment(new Date(seconds * 1_000)).text }) };
}
