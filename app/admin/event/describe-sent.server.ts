import { describeSource } from "#app/admin/shell/describe-state.server.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { explainLeftOut, keyLabels } from "#app/admin/shell/words.ts";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { MATCH_KEYS } from "#app/events/match-keys.ts";
import {
  hasCutLines,
  type KeyNote,
  type LeftOutNote,
  parseNotes,
} from "#app/events/match-notes.ts";
import type { EventRecord, EventRow } from "#app/outbox/read-event-record.server.ts";
import { absenceTexts, cutLinesText, eventDetailTexts, fieldLabels, originWords } from "./texts.ts";

/** The card of what was sent, or the reason why there is nothing to show. */
export interface SentView {
  /** Null: there is a body. */
  absence: string | null;
  fields: SentField[];
  /** The body part of this event, as text; IP address, browser and click id masked or not. */
  json: string;
  curl: string;
  isRevealed: boolean;
  /** There is something to reveal. */
  hasSecrets: boolean;
  /** No reasons were kept with the event. */
  lacksNotes: boolean;
}

export interface SentField {
  /** The API's name of it. */
  key: string;
  label: string;
  treatment: string;
  /** What was sent, or why not. */
  values: string[];
  origin: string;
  isLeftOut: boolean;
  isMasked: boolean;
}

interface SentOptions {
  isRevealed: boolean;
  /** Where events are posted to, with the version. */
  apiUrl: string;
}

const { treatments, nothing } = eventDetailTexts;

/** Describes what was sent, field by field and as JSON, and why other fields were left out. */
export function describeSent(
  record: EventRecord,
  { isRevealed, apiUrl }: SentOptions,
  format: Formatter,
): SentView {
  const { row, body } = record;
  if (body === null) return absent(describeAbsence(record, format), isRevealed);
  const event = JSON.parse(body) as ConversionEvent;
  const shown = isRevealed ? event : maskEvent(event);
  // Serialising the parsed body again could change a byte.
  const json = isRevealed ? body : JSON.stringify(shown);
  const notes = parseNotes(record.notes);
  return {
    absence: null,
    fields: [
      ...describeKeys(row, shown, notes),
      ...describeRest(shown),
      ...(hasCutLines(record.notes) ? [CUT_LINES] : []),
    ],
    json,
    curl: writeCurl(apiUrl, row.adAccountId, json),
    isRevealed,
    hasSecrets: SECRET_KEYS.some((key) => event.user_data[key] !== undefined),
    lacksNotes: notes.length === 0,
  };
}

function absent(absence: string, isRevealed: boolean): SentView {
  const empty = { fields: [], json: "", curl: "", hasSecrets: false, lacksNotes: false };
  return { absence, isRevealed, ...empty };
}

function describeAbsence({ row, payloadStatus }: EventRecord, format: Formatter): string {
  if (row.reason === "redacted" || row.idSource === "redacted") return absenceTexts.redacted;
  if (payloadStatus === "locked") return absenceTexts.locked;
  if (payloadStatus === "none" || row.payloadDropOn === null) return absenceTexts.none;
  const day = row.payloadDropOn.toISOString().slice(0, 10);
  // A redaction or a shorter retention deletes a body before that day.
  const today = format.dayOf(format.now);
  return formatMessage(absenceTexts.dropped, { day: format.day(day < today ? day : today) });
}

/** The keys that were looked for, in the order of the body, and any that an older version kept. */
function describeKeys(row: EventRow, { user_data: data }: ConversionEvent, notes: KeyNote[]) {
  const noted = new Map(notes.map((note) => [note.key, note]));
  return MATCH_KEYS.flatMap((key): SentField[] => {
    const note = noted.get(key);
    const value = data[key];
    if (value === undefined) {
      return note !== undefined && "leftOut" in note ? [describeLeftOut(row, note)] : [];
    }
    const origins = note !== undefined && "origins" in note ? note.origins : [];
    return [
      {
        key,
        label: keyLabels[key],
        treatment: Array.isArray(value) ? treatments.hashed : treatments.asIs,
        values: Array.isArray(value) ? value.map(shorten) : [value],
        origin: origins.map((origin) => originWords[origin]).join(", ") || nothing,
        isLeftOut: false,
        isMasked: SECRET_KEYS.some((secret) => secret === key),
      },
    ];
  });
}

/** A digest is told apart by its ends; the JSON has it whole. */
function shorten(digest: string): string {
  return `${digest.slice(0, 8)}…${digest.slice(-5)}`;
}

function describeLeftOut({ idSource, kind, source }: EventRow, note: LeftOutNote): SentField {
  const event = { kind, source: describeSource(source), isGiven: idSource === "given" };
  return {
    ...field(note.key, keyLabels[note.key]),
    treatment: treatments.leftOut,
    values: [explainLeftOut(note, event)],
    isLeftOut: true,
  };
}

const CUT_LINES: SentField = {
  ...field("custom_data.contents.cut", fieldLabels["custom_data.contents"] ?? ""),
  treatment: treatments.leftOut,
  values: [cutLinesText],
  isLeftOut: true,
};

function describeRest(event: ConversionEvent): SentField[] {
  return listBodyFields(event)
    .filter(([path]) => !path.startsWith("user_data."))
    .map(([path, value]) => ({
      ...field(path, lookUp(fieldLabels, path) ?? path),
      values: [value],
    }));
}

function field(key: string, label: string): SentField {
  const plain = { values: [], origin: nothing, isLeftOut: false, isMasked: false };
  return { key, label, treatment: treatments.asIs, ...plain };
}

/** Fields about a person that are not hashed. */
export const SECRET_KEYS = ["click_id", "client_ip_address", "client_user_agent"] as const;

export const HIDDEN = "•••";

/** The event with IP address, browser and click id masked. */
function maskEvent(event: ConversionEvent): ConversionEvent {
  const userData = { ...event.user_data };
  for (const key of SECRET_KEYS) {
    const value = userData[key];
    if (value !== undefined) userData[key] = maskValue(key, value);
  }
  return { ...event, user_data: userData };
}

function maskValue(key: (typeof SECRET_KEYS)[number], value: string): string {
  switch (key) {
    case "client_ip_address":
      return maskAddress(value);
    case "client_user_agent":
      return `${/^[A-Za-z]+\/[\d.]{1,8}/.exec(value)?.[0] ?? ""} ${HIDDEN}`.trim();
    case "click_id":
      return `${value.slice(0, 4)}${HIDDEN}`;
  }
}

/** `203.0.113.7` → `203.0.113.•••`; of IPv6 the site's half stays. */
function maskAddress(address: string): string {
  if (address.includes(":")) return `${address.split(":").slice(0, 3).join(":")}:${HIDDEN}`;
  return address.replace(/\d+$/, HIDDEN);
}

/** Stands for the ad account of an event that has none. */
const NO_ACCOUNT = "AD_ACCOUNT_ID";

/**
 * A test request for one event: Pinterest checks it and records nothing. The token is read from the
 * shell's environment, so that it stands in no history.
 */
function writeCurl(apiUrl: string, adAccountId: string | null, json: string): string {
  const url = `${apiUrl}/ad_accounts/${adAccountId ?? NO_ACCOUNT}/events?test=true`;
  return [
    `curl -X POST ${quote(url)}`,
    `  -H "Authorization: Bearer $PINTEREST_TOKEN"`,
    `  -H 'Content-Type: application/json'`,
    `  -d ${quote(`{"data":[${json}]}`)}`,
  ].join(" \\\n");
}

/** The text as a word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Lists the fields of an event's payload in its order, each with its path (`custom_data.value`) and
 * its value as text; lists stay whole.
 */
export function listBodyFields(event: ConversionEvent): [path: string, value: string][] {
  return Object.entries(event).flatMap(([name, value]): [string, string][] =>
    name === "user_data" || name === "custom_data"
      ? Object.entries(value ?? {}).map(([key, inner]) => [`${name}.${key}`, toText(inner)])
      : [[name, toText(value)]],
  );
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isPlainList ? value.join(", ") : JSON.stringify(value);
}
