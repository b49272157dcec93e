import { cleanName, type Typed } from "#app/events/clean-text.ts";
import { type Country, readCountry } from "#app/events/country.ts";
import type { GivenEvent, GivenPerson } from "#app/events/given-event.ts";
import { addNote, leftOut, type NoteText } from "#app/events/match-notes.ts";
import { type BuiltUserData, collectKeys, hashValues, identity } from "./hash-values.server.ts";
import { normalisePhone } from "./normalise-phone.server.ts";
import {
  normaliseCity,
  normaliseCountry,
  normaliseDateOfBirth,
  normaliseEmail,
  normaliseGender,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "./normalise-value.server.ts";
import { readAddress } from "./read-browser.server.ts";

type GivenKeys = Parameters<typeof collectKeys>[0];

/** Builds the match keys of a given event. Hashes are sent unchanged: a hash of a hash matches no person. */
export function buildGivenUserData(given: GivenEvent): BuiltUserData {
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
