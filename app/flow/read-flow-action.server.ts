import { parse } from "lossless-json";
import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { EVENT_NAMES } from "#app/events/conversion-event.ts";
import { eventInput } from "#app/tasks/input/event-input.server.ts";
import { isBlank, presentFields } from "#app/tasks/input/read-fields.server.ts";
import { readEvent } from "#app/tasks/input/read-task-row.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";
import type { FlowError } from "./flow-answer.server.ts";

/** One run of the action, as its workflow filled it in. */
export interface FlowAction {
  /** The same however often Flow sends the run. */
  runId: string;
  eventName: string;
  /** Digits. */
  orderId: string | null;
  customerId: string | null;
  emails: string[];
  /** Decimal string in major units of `currency`. */
  value: string | null;
  currency: string | null;
  sourceUrl: string | null;
}

type ReadFlowAction = { ok: true; action: FlowAction } | { ok: false; error: FlowError };

const anything = z.unknown().optional();

/** The action's fields, by the names under which Flow sends them; it sends others as well. */
export const flowProperties = z.object({
  eventName: anything,
  order_id: anything,
  customer_id: anything,
  email: anything,
  value: anything,
  currency: anything,
  eventSourceUrl: anything,
});

const flowPayload = z.object({
  action_run_id: boundedText(200).regex(/^[\x21-\x7e]+$/),
  properties: flowProperties,
});

const FLOW_FAULT = {
  code: "invalid_input",
  message: "The request can't be read: it does not have the form that Shopify Flow describes.",
  action: "Look for a newer version of Pinrelay.",
};

/** `body` is the signed text: `JSON.parse` would round ids past 2^53 to those of other orders. */
export function readFlowAction(body: string, nowSeconds: number): ReadFlowAction {
  const payload = flowPayload.safeParse(parse(body, null, { parseNumber: readNumber }));
  if (!payload.success) return { ok: false, error: FLOW_FAULT };
  const { action_run_id: runId, properties } = payload.data;
  const { order_id, customer_id, eventName, ...fields } = properties;
  const order = readReference(order_id, "Order");
  const customer = readReference(customer_id, "Customer");
  const given = presentFields(eventInput, { ...fields, ...nameFields(eventName) });
  const read = readEvent(given, nowSeconds);
  const faults: FieldFault[] = [
    ...(isBlank(eventName) ? [{ path: "eventName", message: "is missing" }] : []),
    ...(order === "faulty" ? [{ path: "order_id", message: "is no id of an order" }] : []),
    ...(customer === "faulty" ? [{ path: "customer_id", message: "is no id of a customer" }] : []),
    ...(read.ok ? [] : read.faults),
    ...moneyFaults(given, order),
  ];
  if (faults.length > 0 || !read.ok) return { ok: false, error: inputError(faults) };
  const { name, value, currency, sourceUrl, person } = read.given;
  const action = {
    runId,
    eventName: name,
    orderId: order,
    customerId: customer,
    emails: person.emails,
    value,
    currency: given.currency === undefined ? null : currency,
    sourceUrl,
  };
  return { ok: true, action };
}

/** Flow's form has one field for the name: a standard name in any spelling, or a custom one. */
function nameFields(given: unknown): Record<string, unknown> {
  if (typeof given !== "string") return { eventName: given };
  const standard = given
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
  if (EVENT_NAMES.some((name) => name === standard)) return { eventName: standard };
  return { eventName: "custom", customEventName: given.trim() };
}

/** Digits of an id that comes as a number, as text, or as `gid://shopify/Order/1`. */
function readReference(given: unknown, type: string): string | null | "faulty" {
  if (isBlank(given)) return null;
  const [, digits] = /^(?:gid:\/\/shopify\/(?:\w+)\/)?([1-9]\d{0,18})$/.exec(String(given)) ?? [];
  const isOther = String(given).includes("/") && !String(given).includes(`/${type}/`);
  return digits === undefined || isOther ? "faulty" : digits;
}

/** An amount in no currency would be counted in dollars. */
function moneyFaults(given: Record<string, unknown>, order: string | null): FieldFault[] {
  const isUnclear = given.value !== undefined && given.currency === undefined && order === null;
  return isUnclear ? [{ path: "currency", message: "is missing: the value needs one" }] : [];
}

function readNumber(literal: string): number | bigint {
  const number = Number(literal);
  return Number.isSafeInteger(number) || !/^-?\d{1,20}$/.test(literal) ? number : BigInt(literal);
}
