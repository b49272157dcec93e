import {
  describeKind,
  describeSource,
  describeState,
  type StateBadge,
} from "#app/admin/shell/describe-state.server.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import {
  answerFor,
  type EventName,
  type EventRecord,
  type EventRow,
  isWaiting,
} from "#app/outbox/read-event-record.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { describeSent, type SentView } from "./describe-sent.server.ts";
import { describeTimeline, type TimelineItem } from "./describe-timeline.server.ts";
import {
  type ActionName,
  type EventActions,
  type EventContext,
  loadEvent,
  toState,
} from "./load-event.server.ts";
import {
  actionBars,
  actionLabels,
  eventDetailTexts,
  factTexts,
  idSourceOfKind,
  idSourceWords,
  valueBasisWords,
} from "./texts.ts";

/** One event as its screen shows it; every text is ready to be read. */
export interface EventView {
  eventId: string;
  /** Pinterest's event name. */
  kind: string;
  title: string;
  badge: StateBadge;
  zone: string;
  /** It may still change by itself. */
  isOpen: boolean;
  timeline: TimelineItem[];
  facts: EventFact[];
  sent: SentView;
  actions: ActionView[];
  /** A report for support: states and times to the millisecond, and no personal data. */
  report: string;
}

interface ActionView {
  name: ActionName;
  label: string;
  /** Null: it can be done. Else why not. */
  bar: string | null;
}

interface ViewServices {
  db: Pick<Database, "pool" | "readAsShop">;
  keyring: Keyring;
  config: { PINTEREST_API_URL: string };
}

interface Reader {
  shop: { id: bigint };
  userId: string;
  format: Formatter;
}

/**
 * One event as its screen shows it; null: the shop has no such event. IP address, browser and click
 * id are masked, unless the caller has noted that they are looked at (`isRevealed`).
 */
export async function readEventView(
  { db, keyring, config }: ViewServices,
  { shop, userId, format }: Reader,
  name: EventName,
  { isRevealed = false }: { isRevealed?: boolean } = {},
): Promise<EventView | null> {
  const loaded = await loadEvent({ db, keyring }, shop.id, name, format.now);
  if (loaded === null) return null;
  const { record, eventContext } = loaded;
  const { row } = record;
  const kind = describeKind(row.kind);
  const order = row.orderName ?? row.orderId;
  return {
    eventId: row.eventId,
    kind: row.kind,
    title: order === null ? kind : formatMessage(eventDetailTexts.titleOfOrder, { kind, order }),
    badge: describeBadge(record, eventContext, format),
    zone: format.zone(),
    isOpen: isWaiting(row),
    timeline: describeTimeline({ record, eventContext, format, userId }),
    facts: describeFacts(record, eventContext, format),
    sent: describeSent(record, { isRevealed, apiUrl: config.PINTEREST_API_URL }, format),
    actions: describeActions(loaded.actions),
    report: writeReport(record, eventContext),
  };
}

function describeBadge(
  record: EventRecord,
  { connection }: EventContext,
  format: Formatter,
): EventView["badge"] {
  const { reason, warning, attempts, nextAt, kind, source } = record.row;
  const facts = { reason, warning, attempts, nextAt, kind, source, connection };
  return describeState({ ...facts, state: toState(record) }, format);
}

function describeActions(offers: EventActions): ActionView[] {
  return (["sendNow", "sendAgain", "rebuild"] as const).flatMap((name) => {
    const offer = offers[name];
    if (offer === null) return [];
    return [
      { name, label: actionLabels[name], bar: offer === "offered" ? null : actionBars[offer] },
    ];
  });
}

/**
 * What helps support: identity, states and times to the millisecond, as JSON. No
 * body and no value of a person.
 */
function writeReport(
  { row, isSending, attempts, notes, payloadStatus }: EventRecord,
  { notices, connection, manualActions }: EventContext,
): string {
  const report = {
    event_id: row.eventId,
    event_name: row.kind,
    id_source: row.idSource,
    source: row.source,
    state: isSending ? "sending" : row.state,
    reason: row.reason,
    warning: row.warning,
    event_time: Number(row.eventTime),
    created_at: row.createdAt,
    next_at: row.nextAt,
    settled_at: row.settledAt,
    settings_version: row.settingsVersion,
    consent: row.consent,
    match_keys: notes,
    body: payloadStatus,
    connection: connection.state,
    notices,
    attempts: attempts.map((attempt) => ({
      started_at: attempt.startedAt,
      duration_ms: attempt.durationMs,
      http_status: attempt.httpStatus,
      outcome: attempt.outcome,
      pinterest_code: attempt.pinterestCode,
      message: attempt.message,
      events: attempt.events,
      answer: answerFor(attempt, row.id),
    })),
    manual_actions: manualActions.map(({ action, at }) => ({ action, at })),
  };
  return JSON.stringify(report, null, 2);
}

export interface EventFact {
  label: string;
  value: string;
  /** An id: monospace, with a button that copies it. */
  isCode: boolean;
  moment: Moment | null;
  link: { url: string; label: string } | null;
}

/** The facts of the event, beside its timeline. */
function describeFacts(
  { row, payloadStatus }: EventRecord,
  { valueBasis }: EventContext,
  format: Formatter,
): EventFact[] {
  const happened = format.moment(new Date(Number(row.eventTime) * 1_000));
  const version = formatMessage(factTexts.version, { n: format.number(row.settingsVersion) });
  return [
    { ...fact(factTexts.eventId, row.eventId), isCode: true },
    fact(factTexts.idFrom, describeIdSource(row)),
    { ...fact(factTexts.happened, happened.text), moment: happened },
    ...describeValue(row, valueBasis),
    ...describeOrder(row),
    fact(factTexts.source, describeSource(row.source)),
    fact(factTexts.consent, describeConsent(row)),
    fact(factTexts.settings, version),
    ...(row.adAccountId === null ? [] : [fact(factTexts.account, row.adAccountId)]),
    ...describeKept(row, payloadStatus, format),
  ];
}

function fact(label: string, value: string): EventFact {
  return { label, value, isCode: false, moment: null, link: null };
}

function describeIdSource({ idSource, kind }: EventRow): string {
  const words = idSource === "order" ? lookUp(idSourceOfKind, kind) : undefined;
  return words ?? lookUp(idSourceWords, idSource) ?? idSource;
}

/** Unformatted, as it was sent. A value given by hand is no subtotal. */
function describeValue(row: EventRow, basis: EventContext["valueBasis"]): EventFact[] {
  if (row.value === null) return [];
  const value = `${row.value} ${row.currency ?? ""}`.trim();
  if (basis === null || row.idSource === "given") return [fact(factTexts.value, value)];
  const text = formatMessage(factTexts.valueWithBasis, { value, basis: valueBasisWords[basis] });
  return [fact(factTexts.value, text)];
}

function describeOrder({ orderId, orderName }: EventRow): EventFact[] {
  if (orderId === null) return [];
  const name = orderName ?? orderId;
  // What is given by hand may be another shop system's order.
  if (!/^\d+$/.test(orderId)) return [fact(factTexts.order, name)];
  const label = formatMessage(factTexts.opensShopify, { order: name });
  const link = { url: `shopify://admin/orders/${orderId}`, label };
  return [{ ...fact(factTexts.order, name), link }];
}

function describeConsent({ consent, idSource }: EventRow): string {
  const { consents, regions } = factTexts;
  // The shopper's own choice overrides every rule.
  const chosen = lookUp(consents.browser, consent);
  if (chosen !== undefined) return chosen;
  const [, decision, region] = /^(allowed|unknown):consent\.(\w+)$/.exec(consent ?? "") ?? [];
  if (region === undefined) return idSource === "given" ? consents.given : consents.none;
  const text = decision === "allowed" ? consents.allowed : consents.unknown;
  return formatMessage(text, { region: lookUp(regions, region) ?? region });
}

function describeKept(
  { payloadDropOn }: EventRow,
  status: EventRecord["payloadStatus"],
  format: Formatter,
): EventFact[] {
  if (payloadDropOn === null) return [];
  const day = format.day(payloadDropOn.toISOString().slice(0, 10));
  const text = status === "dropped" ? formatMessage(factTexts.bodyDeleted, { day }) : day;
  return [fact(factTexts.bodyKept, text)];
}
