import { cleanName, type Typed } from "#app/events/clean-text.ts";
import type { ConversionEvent, CustomData } from "#app/events/conversion-event.ts";
import { type Country, readCountry } from "#app/events/country.ts";
import { givenSourceKey } from "#app/events/event-id.ts";
import { isTooOld } from "#app/events/event-state.ts";
import type { GivenEvent, GivenPerson } from "#app/events/given-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { canIdentify, computeKeyBits } from "#app/events/match-keys.ts";
import { addNote, leftOut, type NoteText } from "#app/events/match-notes.ts";
import { readAddress } from "#app/mapping/person/build-user-data.server.ts";
import {
  type BuiltUserData,
  collectKeys,
  hashValues,
  identity,
} from "#app/mapping/person/hash-values.server.ts";
import { normalisePhone } from "#app/mapping/person/normalise-phone.server.ts";
import {
  normaliseCity,
  normaliseCountry,
  normaliseDateOfBirth,
  normaliseEmail,
  normaliseGender,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "#app/mapping/person/normalise-value.server.ts";
import { checkEvent } from "./check-event.server.ts";

/**
 * Maps an event given by hand. Pure. An id that has the form of an order's (`order-1-checkout`)
 * names that order's event: it gets the same source key, so that the outbox treats both as one.
 * `event`: the event as it would be sent, even if Pinterest would reject it.
 *
 * Throws UnfitEventError (check-event.server.ts).
 */
export function mapGivenEvent(
  given: GivenEvent,
  eventId: string,
  nowSeconds: number,
): { mapped: MappedEvent; event: ConversionEvent } {
  const { event, notes } = build(given, eventId, nowSeconds);
  const mapped: MappedEvent = {
    kind: given.name,
    sourceKey: givenSourceKey(eventId, given.name),
    eventId,
    idSource: "given",
    source: "task",
    orderId: given.orderId,
    orderName: null,
    actionSource: given.actionSource,
    eventTimeSeconds: event.event_time,
    value: given.value,
    currency: given.value === null ? null : given.currency,
    keyBits: computeKeyBits(event.user_data),
    consent: null,
    notes,
    outcome: judge(event, nowSeconds),
  };
  return { mapped, event };
}

function build(
  given: GivenEvent,
  eventId: string,
  nowSeconds: number,
): { event: ConversionEvent; notes: string } {
  const { name: kind, actionSource, occurredAtSeconds, sourceUrl, optOut } = given;
  // The caller's clock may be a little ahead, but Pinterest rejects events from the future.
  const eventTimeSeconds = Math.min(occurredAtSeconds ?? nowSeconds, nowSeconds);
  const { userData, notes } = buildGivenUserData(given);
  const event = checkEvent(
    { kind, actionSource, eventId, eventTimeSeconds },
    {
      ...(sourceUrl !== null && { event_source_url: sourceUrl }),
      ...(optOut !== null && { opt_out: optOut }),
      user_data: userData,
      custom_data: buildCustomData(given),
    },
  );
  return { event, notes };
}

function judge(event: ConversionEvent, nowSeconds: number): MappedEvent["outcome"] {
  if (isTooOld(event.event_time, nowSeconds)) return { kind: "skip", reason: "too_old" };
  return canIdentify(event.user_data)
    ? { kind: "send", event }
    : { kind: "skip", reason: "no_match_key" };
}

function buildCustomData(given: GivenEvent): CustomData {
  const { contents, value, orderId, optOutType } = given;
  const ids = contents.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return {
    currency: given.currency,
    ...(value !== null && { value }),
    ...(ids.length > 0 && { content_ids: ids }),
    ...(contents.length > 0 && { contents }),
    num_items: given.itemCount,
    ...(orderId !== null && { order_id: orderId }),
    ...(optOutType !== null && { opt_out_type: optOutType }),
  };
}

type GivenKeys = Parameters<typeof collectKeys>[0];

/** Builds the match keys of a given event. Hashes are sent unchanged: a hash of a hash matches no person. */
function buildGivenUserData(given: GivenEvent): BuiltUserData {
  const { person, clickId, clientUserAgent } = given;
  const address = given.clientIpAddress === null ? null : readAddress(given.clientIpAddress);
  const { userData, notes } = collectKeys(
    person.isHashed ? passThroughHashes(person) : hashPerson(person),
  );
  return {
    userData: {
      ...userData,
      ...(clickId !== null && { click_id: clickId }),
      ...(address !== null && { client_ip_address: address }),
      ...(clientUserAgent !== null && { client_user_agent: clientUserAgent }),
    },
    notes: [
      ["click_id", note(clickId)] as const,
      ["client_ip_address", addressNote(given.clientIpAddress, address)] as const,
      ["client_user_agent", note(clientUserAgent)] as const,
    ].reduce((text, [key, said]) => addNote(text, key, said), notes),
  };
}

function note(value: string | null): NoteText {
  return value === null ? leftOut("absent") : "given";
}

function addressNote(given: string | null, address: string | null): NoteText {
  return given !== null && address === null ? leftOut("unusable") : note(address);
}

function hashPerson(person: GivenPerson): GivenKeys {
  const hash = (values: string[], normalise: (value: Typed) => string | null) =>
    hashValues(values, { origins: "given", normalise });
  const hashNames = (values: string[]) =>
    hashValues(values, { origins: "given", clean: cleanName, normalise: normaliseName });
  const countryAt = (place: number) => findCountry(person, place);
  return {
    em: hash(person.emails, normaliseEmail),
    ph: hashValues(person.phones, {
      origins: "given",
      normalise: normalisePhone,
      countryAt,
      reason: "incomplete",
    }),
    fn: hashNames(person.firstNames),
    ln: hashNames(person.lastNames),
    ge: hash(person.genders, normaliseGender),
    db: hash(person.datesOfBirth, normaliseDateOfBirth),
    ct: hash(person.cities, normaliseCity),
    st: hash(person.states, normaliseState),
    zp: hashValues(person.zips, {
      origins: "given",
      normalise: normaliseZip,
      countryAt,
    }),
    country: hash(person.countries, normaliseCountry),
    external_id: hash(person.externalIds, identity),
  };
}

/**
 * Finds the country by which the phone number or postcode at this index is read: the country at the
 * same index (the second of two addresses, for example), otherwise the first one. Null for an
 * unknown code: the country is kept in the notes, which hold no other text that a person typed.
 */
function findCountry({ countries }: Pick<GivenPerson, "countries">, place: number): Country | null {
  return readCountry(countries[place] ?? countries[0]);
}

function passThroughHashes(person: GivenPerson): GivenKeys {
  const take = (hashes: string[]) => ({
    digests: [...new Set(hashes)],
    note: hashes.length > 0 ? "given" : leftOut("absent"),
  });
  return {
    em: take(person.emails),
    ph: take(person.phones),
    fn: take(person.firstNames),
    ln: take(person.lastNames),
    ge: take(person.genders),
    db: take(person.datesOfBirth),
    ct: take(person.cities),
    st: take(person.states),
    zp: take(person.zips),
    country: take(person.countries),
    external_id: take(person.externalIds),
  };
}
