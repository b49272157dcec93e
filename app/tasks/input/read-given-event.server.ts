import { cleanText } from "#app/events/clean-text.ts";
import type { GivenEvent } from "#app/events/given-event.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { type EventInput, MAX_TEXT } from "./event-input.server.ts";
import { countItems, readContents } from "./read-contents.server.ts";
import { readDecimal } from "./read-decimal.server.ts";
import { readEventTime } from "./read-event-time.server.ts";
import { readPerson } from "./read-person.server.ts";

const DEFAULT_EVENT_NAME = "checkout";
const DEFAULT_CURRENCY = "USD";
const CUSTOM = "custom";

const NAME_FAULT: FieldFault = {
  path: "customEventName",
  message: "is only for eventName custom",
};

/**
 * The event in our words, and what is wrong with fields that are right by themselves. With faults
 * it is not to be used. `faultyKeys`: fields that were left out because they are faulty.
 */
export function readGivenEvent(
  fields: EventInput,
  { nowSeconds, faultyKeys }: { nowSeconds: number; faultyKeys: ReadonlySet<string> },
): { given: GivenEvent; faults: FieldFault[] } {
  const isJudged = (key: keyof EventInput) => !faultyKeys.has(key);
  const { eventName = DEFAULT_EVENT_NAME, customEventName, value, orderId } = fields;
  const isMisnamed = customEventName !== undefined && eventName !== CUSTOM;
  const time = readEventTime(fields.eventTime, nowSeconds);
  const { person, faults } = readPerson(fields, isJudged);
  return {
    given: {
      name: customEventName ?? eventName,
      actionSource: fields.actionSource ?? "web",
      occurredAtSeconds: time.ok ? time.occurredAtSeconds : null,
      sourceUrl: fields.eventSourceUrl ?? null,
      value: value === undefined ? null : readDecimal(value),
      currency: fields.currency?.toUpperCase() ?? DEFAULT_CURRENCY,
      orderId: orderId ?? null,
      itemCount: countItems(fields),
      contents: readContents(fields),
      person,
      clientIpAddress: fields.clientIpAddress ?? null,
      clientUserAgent: cleanText(
        fields.clientUserAgent,
        fields.clientUserAgent?.length ?? MAX_TEXT,
      ),
      clickId: fields.clickId ?? null,
      optOut: fields.optOut ?? null,
      optOutType: fields.optOutType ?? null,
    },
    faults: [
      ...(isMisnamed && isJudged("eventName") ? [NAME_FAULT] : []),
      ...(time.ok ? [] : [{ path: "eventTime", message: time.message }]),
      ...faults,
    ],
  };
}
