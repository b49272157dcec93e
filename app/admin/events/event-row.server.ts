import {
  describeKind,
  describeSource,
  describeState,
  type StateBadge,
  type StateFacts,
} from "#app/admin/shell/describe-state.server.ts";
import { toEventUrl } from "#app/admin/shell/event-filter.ts";
import { csvHeader, csvLine } from "#app/admin/shell/format/csv.server.ts";
import type { Formatter, Moment } from "#app/admin/shell/format/formatter.server.ts";
import type { StoredState } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { IdSource } from "#app/events/mapped-event.ts";
import { matchKeysFromBits } from "#app/events/match-keys.ts";
import { Prisma } from "#prisma/client/client.ts";
import { eventsTexts } from "./texts.ts";

/** An event as lists and files show it. */
export interface EventRow {
  id: bigint;
  eventId: string;
  idSource: IdSource;
  /** Pinterest's event name. */
  kind: string;
  orderName: string | null;
  orderId: string | null;
  /** Unix seconds. */
  eventTime: bigint;
  state: StoredState;
  /** Its ad account is leased, and it was due when the lease began. */
  isSending: boolean;
  reason: string | null;
  warning: string | null;
  value: string | null;
  currency: string | null;
  source: string;
  adAccountId: string | null;
  attempts: number;
  keyBits: number;
  nextAt: Date;
}

/** The columns of an `EventRow`, of `event e`. */
export const EVENT_COLUMNS =
  Prisma.raw(`e.id, e.event_id as "eventId", e.id_source as "idSource", e.kind,
  e.order_name as "orderName", e.order_id as "orderId", e.event_time as "eventTime", e.state,
  e.reason, e.warning, e.value, e.currency, e.source, e.ad_account_id as "adAccountId", e.attempts,
  e.key_bits as "keyBits", e.next_at as "nextAt"`);

/** A row of the list, as the server has written it. */
export interface EventLine {
  /** Row id, for what is ticked. */
  id: string;
  url: string;
  /** `#1042`; a dash where there is no order. */
  order: string;
  /** The link's name, where the order does not name it. */
  name: string | null;
  kind: string;
  value: string;
  badge: StateBadge;
  /** Pinterest's words. */
  detail: string | null;
  source: string;
  happened: Moment;
}

/** The row as the list shows it. */
export function toEventLine(
  row: EventRow,
  connection: StateFacts["connection"],
  format: Formatter,
): EventLine {
  const { kind, state, isSending, reason, value, currency } = row;
  const happened = format.moment(new Date(Number(row.eventTime) * 1_000));
  const name = describeKind(kind);
  return {
    id: String(row.id),
    url: toEventUrl(row),
    order: row.orderName ?? row.orderId ?? eventsTexts.noOrder,
    name:
      row.orderName === null && row.orderId === null
        ? formatMessage(eventsTexts.rowName, { kind: name, time: happened.text })
        : null,
    kind: name,
    value:
      value === null || currency === null ? eventsTexts.noOrder : format.money(value, currency),
    badge: describeState({ ...row, state: isSending ? "sending" : state, connection }, format),
    detail: state === "rejected" ? reason : row.warning,
    source: describeSource(row.source),
    happened,
  };
}

/** What a file has beside the row. */
interface FileContext {
  /** What Pinterest said last. */
  answer: string | null;
  writeTime: (date: Date) => string;
}

/** The columns of the exported file, and what each holds. */
const FILE_COLUMNS: readonly [
  name: string,
  write: (row: EventRow, context: FileContext) => string | number | null,
][] = [
  ["event_id", ({ eventId }) => eventId],
  ["id_source", ({ idSource }) => idSource],
  ["kind", ({ kind }) => kind],
  ["order", ({ orderName }) => orderName],
  ["order_id", ({ orderId }) => orderId],
  ["happened_at", ({ eventTime }, { writeTime }) => writeTime(new Date(Number(eventTime) * 1_000))],
  ["state", ({ isSending, state }) => (isSending ? "sending" : state)],
  ["reason", ({ reason }) => reason],
  ["value", ({ value }) => value],
  ["currency", ({ currency }) => currency],
  ["source", ({ source }) => source],
  ["ad_account", ({ adAccountId }) => adAccountId],
  ["attempts", ({ attempts }) => attempts],
  ["last_answer", (_row, { answer }) => answer],
  [
    "keys_sent",
    ({ state, keyBits }) => (state === "skipped" ? null : matchKeysFromBits(keyBits).join(" ")),
  ],
];

/** The first line of the exported file. */
export const eventFileHeader = csvHeader(FILE_COLUMNS.map(([name]) => name));

/** The row as a line of the exported file. */
export function toFileLine(row: EventRow, context: FileContext): string {
  return csvLine(FILE_COLUMNS.map(([, write]) => write(row, context)));
}
