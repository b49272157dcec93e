import type { SendFaults } from "#app/events/screens/send-form.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { say } from "#app/texts/say.ts";
import { sendTexts } from "#app/texts/send/send.ts";
import { nowSeconds, type SendMerchant } from "./send-merchant.server.ts";

const PINTEREST_SECONDS = 7 * 24 * 60 * 60;

/** What stands under the time of an event that is too old: past seven days, or too near to them. */
export function describeAge({ rows }: TaskRequest, { format }: SendMerchant): SendFaults {
  const [row] = rows;
  const seconds = (row?.kind === "event" && row.mapped.eventTimeSeconds) || nowSeconds();
  const { tooOld, nearlyTooOld } = sendTexts.faults;
  const text = nowSeconds() - seconds > PINTEREST_SECONDS ? tooOld : nearlyTooOld;
  return { eventTime: say(text, { date: format.moment(new Date(seconds * 1_000)).text }) };
}
