import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { EventBody } from "./ledger.ts";

export interface EventsRequest {
  data: EventBody[];
}

export type RequestCheck = { ok: true; request: EventsRequest } | { ok: false; message: string };

/** Names of the 5.28 specification; others are refused unless the advertiser defined them. */
const EVENT_NAMES = new Set(
  "add_payment_info add_to_cart add_to_wishlist app_install app_open checkout contact custom customize_product find_location initiate_checkout lead page_visit schedule search signup start_trial submit_application subscribe view_category view_content watch_video".split(
    " ",
  ),
);
const ACTION_SOURCES = new Set(["app_android", "app_ios", "web", "offline"]);
const HASHED_KEYS = "em ph fn ln ge db ct st zp country external_id hashed_maids".split(" ");
const SHA256 = /^[0-9a-f]{64}$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const WINDOW_SECONDS = 7 * 24 * 60 * 60;

const SCHEMA_FILE = new URL("../../fixtures/pinterest/events.schema.json", import.meta.url);

interface SchemaNode {
  anyOf?: unknown;
  items: { properties: { user_data: { anyOf?: unknown } } };
}

/**
 * The official request schema of 5.23 (`EventsRequest`), less one rule: 5.28 no longer has the
 * identity rule in the schema, so an event without identity fails alone and not with its batch.
 */
function requestSchema(): object {
  const file = JSON.parse(readFileSync(SCHEMA_FILE, "utf8"));
  const schema = file.$defs.EventsRequest as { properties: { data: SchemaNode } };
  delete schema.properties.data.items.properties.user_data.anyOf;
  return schema;
}

/** One line in the words of the validator that Pinterest's own messages come from. */
function describe(error: ErrorObject): string {
  if (error.keyword !== "additionalProperties") {
    const where = error.instancePath.split("/").filter((part) => !/^\d*$/.test(part));
    return `Invalid request: ${where.join(".") || "body"} ${error.message}`;
  }
  const key = error.params.additionalProperty;
  return `Invalid request: Additional properties are not allowed ('${key}' was unexpected)`;
}

/**
 * Compiles the check of a whole request body: bytes in, events or the message of a 400 out. Compile
 * once per server: it takes 50 ms, a thousand events then a few.
 */
export function compileRequestCheck(): (body: Buffer) => RequestCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats.default(ajv);
  const validate = ajv.compile<EventsRequest>(requestSchema());
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (body) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(utf8.decode(body));
    } catch {
      return { ok: false, message: "Invalid request: body is not JSON" };
    }
    if (validate(parsed)) return { ok: true, request: parsed };
    const error = validate.errors?.[0];
    return { ok: false, message: error ? describe(error) : "The request was invalid." };
  };
}

function findHashFault(user: Record<string, unknown>): string | null {
  for (const key of HASHED_KEYS) {
    const value = user[key];
    if (value === undefined) continue;
    const isHashed = Array.isArray(value) && value.every((item) => SHA256.test(String(item)));
    if (!isHashed) return `user_data.${key} must hold SHA-256 hashes in lowercase hexadecimal`;
  }
  return null;
}

function hasIdentity(user: Record<string, unknown>): boolean {
  const isFilled = (key: string) => Array.isArray(user[key]) && user[key].length > 0;
  if (isFilled("em") || isFilled("hashed_maids")) return true;
  return Boolean(user.client_ip_address) && Boolean(user.client_user_agent);
}

interface CustomMoney {
  value?: string | null;
  contents?: { item_price?: string }[];
}

/** Money is "parsed into a double", so text that is no number cannot be processed. */
function findMoneyFault(custom: CustomMoney | undefined): string | null {
  const isNumber = (text: string | null | undefined) => text == null || DECIMAL.test(text);
  if (!isNumber(custom?.value)) return "custom_data.value is not a number";
  const isPriced = custom?.contents?.every((item) => isNumber(item.item_price)) ?? true;
  return isPriced ? null : "custom_data.contents.item_price is not a number";
}

/**
 * What is wrong with one event of a request that fits the schema; null when Pinterest would process
 * it. The texts are ours: Pinterest documents none.
 */
export function findEventFault(
  event: EventBody,
  nowMs: number,
  definedNames: ReadonlySet<string>,
): string | null {
  if (!EVENT_NAMES.has(event.event_name) && !definedNames.has(event.event_name)) {
    return `event_name '${event.event_name}' is not supported`;
  }
  if (!ACTION_SOURCES.has(event.action_source as string)) return "action_source is not supported";
  const ageSeconds = Math.floor(nowMs / 1000) - (event.event_time as number);
  if (ageSeconds < 0) return "event_time is in the future";
  if (ageSeconds > WINDOW_SECONDS) return "event_time is older than 7 days";
  if (event.event_id === "") return "event_id is empty";
  const user = event.user_data as Record<string, unknown>;
  if (!hasIdentity(user)) {
    return "user_data needs em, hashed_maids, or both client_ip_address and client_user_agent";
  }
  return findHashFault(user) ?? findMoneyFault(event.custom_data as CustomMoney | undefined);
}
