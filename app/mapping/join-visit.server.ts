import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { readLocation } from "#app/events/country.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { computeKeyBits } from "#app/events/match-keys.ts";
import {
  addCutLines,
  isLeftOut,
  leftOut,
  readNote,
  setNote,
  withOrigin,
} from "#app/events/match-notes.ts";
import type { Visit, VisitEvidence } from "#app/events/visit.ts";
import { type EventBody, fitEvent } from "./check-event.server.ts";
import { isUseLimited, limitUse, readBrowserChoice } from "./decide-consent.server.ts";
import { parseLanguage } from "./map-basket.server.ts";
import { readAddress } from "./person/build-user-data.server.ts";
import { hashValues, identity } from "./person/hash-values.server.ts";
import { normaliseState } from "./person/normalise-value.server.ts";
import { readClickId } from "./source/find-click-id.server.ts";
import { locatePage } from "./source/locate-source.server.ts";

/** The payload of an event before it is checked, and the notes on its match keys. */
export type NotedBody = EventBody & Pick<MappedEvent, "notes">;

/**
 * Adds what the shopper's browser told of a checkout to the payload that was made of the order, the
 * checkout or the customer. Joining twice gives the same as joining the later visit alone, but for
 * a second client id: so one function serves an order that comes after its visit, and one whose
 * visit was completed while it was held.
 */
export function joinVisit(
  body: NotedBody,
  { evidence, consent }: Visit,
  shopDomain: string,
): NotedBody {
  // At a till, or with a draft order, the browser may be that of the staff.
  const isOfStaff = readNote(body.notes, "client_ip_address") === leftOut("staff");
  const joined = isOfStaff ? body : addEvidence(body, evidence, shopDomain);
  return isUseLimited(consent) ? limitUse(addLocation(joined, evidence)) : joined;
}

/** Limited use is by state and country: where no address tells them, Shopify's sight of the shopper does. */
function addLocation(body: NotedBody, evidence: VisitEvidence): NotedBody {
  const seen = readLocation(evidence.location);
  if (seen === null || body.user_data.country !== undefined) return body;
  const hashed = (code: string | null) =>
    hashValues([code], { origins: "browser", normalise: normaliseState }).digests;
  const state = hashed(seen.state);
  const inCountry = setNote(body.notes, "country", "browser");
  return {
    ...body,
    user_data: {
      ...body.user_data,
      country: hashed(seen.country),
      ...(state.length > 0 && { st: state }),
    },
    notes: state.length > 0 ? setNote(inCountry, "st", "browser") : inCountry,
  };
}

function addEvidence(body: NotedBody, evidence: VisitEvidence, shopDomain: string): NotedBody {
  const keys = [addClientId, addClickId, addAddress, addUserAgent];
  const { user_data, notes } = keys.reduce((known, add) => add(known, evidence), body);
  const { event_source_url: own } = body;
  const page = evidence.page && own ? locatePage(evidence.page, own, shopDomain) : null;
  return {
    ...body,
    ...(page !== null && { event_source_url: page }),
    ...(body.language === undefined && parseLanguage(evidence.language)),
    user_data,
    notes,
  };
}

type Keys = Pick<NotedBody, "user_data" | "notes">;

/** After the customer's id: requests about a customer tell the two apart by their order. */
function addClientId({ user_data, notes }: Keys, { clientId }: VisitEvidence): Keys {
  const { digests } = hashValues([clientId], { origins: "browser", normalise: identity });
  if (digests.length === 0) return { user_data, notes };
  const known = user_data.external_id ?? [];
  const added = digests.filter((digest) => !known.includes(digest));
  const note = readNote(notes, "external_id") ?? "";
  const said = withOrigin(isLeftOut(note) ? "" : note, "browser");
  return {
    user_data: { ...user_data, external_id: [...known, ...added] },
    notes: setNote(notes, "external_id", said),
  };
}

/** The landing page's own comes before the browser's, and the cart's note after it. */
function addClickId({ user_data, notes }: Keys, evidence: VisitEvidence): Keys {
  const clickId = readClickId(evidence.clickId);
  const isLanded = readNote(notes, "click_id") === "landing";
  if (clickId === null || isLanded) return { user_data, notes };
  return {
    user_data: { ...user_data, click_id: clickId },
    notes: setNote(notes, "click_id", "browser"),
  };
}

function addAddress({ user_data, notes }: Keys, { ip }: VisitEvidence): Keys {
  const address = ip === null ? null : readAddress(ip);
  if (address === null) return { user_data, notes };
  return {
    user_data: { ...user_data, client_ip_address: address },
    notes: setNote(notes, "client_ip_address", "browser"),
  };
}

function addUserAgent({ user_data, notes }: Keys, { userAgent }: VisitEvidence): Keys {
  if (!userAgent) return { user_data, notes };
  return {
    user_data: { ...user_data, client_user_agent: userAgent },
    notes: setNote(notes, "client_user_agent", "browser"),
  };
}

interface HeldEvent {
  event: ConversionEvent;
  notes: string;
  shopDomain: string;
}

/** A held event with what its visit says by now. */
interface JoinedEvent extends Pick<MappedEvent, "keyBits" | "notes"> {
  event: ConversionEvent;
  /** What the shopper chose; null: the decision by which the event was held stands. */
  choice: { refusal: SkipReason | null; record: string } | null;
}

/** Does the same with an event that is mapped and hashed already, and gives it the browser's id. */
export function joinHeldEvent(
  { event: held, notes: told, shopDomain }: HeldEvent,
  visit: Visit,
): JoinedEvent {
  const { event_name, action_source, event_time, event_id, ...rest } = held;
  const { partner_name: _ours, ...body } = rest;
  const { notes, ...joined } = joinVisit({ ...body, notes: told }, visit, shopDomain);
  const eventId = visit.completedEventId ?? event_id;
  const { event, isCut } = fitEvent(
    { kind: event_name, actionSource: action_source, eventTimeSeconds: event_time, eventId },
    joined,
  );
  return {
    event,
    notes: isCut ? addCutLines(notes) : notes,
    keyBits: computeKeyBits(event.user_data),
    choice: readBrowserChoice(visit.consent),
  };
}
