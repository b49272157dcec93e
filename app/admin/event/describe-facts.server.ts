import { describeSource } from "#app/admin/shell/describe-state.server.ts";
import type { Formatter, Moment } from "#app/admin/shell/format/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { EventRecord, EventRow } from "#app/outbox/read-event-record.server.ts";
import type { EventContext } from "./load-event-context.server.ts";
import { factTexts, idSourceOfKind, idSourceWords, valueBasisWords } from "./texts.ts";

export interface EventFact {
  label: string;
  value: string;
  /** An id: monospace, with a button that copies it. */
  isCode: boolean;
  moment: Moment | null;
  link: { url: string; label: string } | null;
}

/** What is known of the event, beside what happened to it. */
export function describeFacts(
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
  // The shopper's own word, which stands above every rule.
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
