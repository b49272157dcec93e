import type { UserData } from "#app/events/conversion-event.ts";
import type { GivenEvent, GivenPerson } from "#app/events/given-event.ts";
import { hashAll, hashDigests, withoutEmpty } from "./hash-values.server.ts";
import { normaliseDateOfBirth, normaliseGender } from "./normalise-birth.server.ts";
import { normalisePhone } from "./normalise-phone.server.ts";
import {
  normaliseCity,
  normaliseCountry,
  normaliseEmail,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "./normalise-value.server.ts";

/** The match keys of a given event. Hashes are taken as they are: a hash of a hash matches nobody. */
export function buildGivenUserData(given: GivenEvent): UserData {
  const { person, clickId, clientIpAddress, clientUserAgent } = given;
  return {
    ...withoutEmpty(person.isHashed ? takeHashes(person) : hashPerson(person)),
    ...(clickId !== null && { click_id: clickId }),
    ...(clientIpAddress !== null && { client_ip_address: clientIpAddress }),
    ...(clientUserAgent !== null && { client_user_agent: clientUserAgent }),
  };
}

function hashPerson(person: GivenPerson) {
  const { phones, zips } = person;
  return {
    em: hashAll(person.emails, normaliseEmail),
    ph: hashDigests(phones.map((phone, place) => normalisePhone(phone, countryAt(person, place)))),
    fn: hashAll(person.firstNames, normaliseName),
    ln: hashAll(person.lastNames, normaliseName),
    ge: hashAll(person.genders, normaliseGender),
    db: hashAll(person.datesOfBirth, normaliseDateOfBirth),
    ct: hashAll(person.cities, normaliseCity),
    st: hashAll(person.states, normaliseState),
    zp: hashDigests(zips.map((zip, place) => normaliseZip(zip, countryAt(person, place)))),
    country: hashAll(person.countries, normaliseCountry),
    external_id: hashDigests(person.externalIds),
  };
}

/**
 * The country in which the phone number or postcode in this place of its list is read: the one in
 * the same place, as of the second of two addresses, else the first.
 */
function countryAt({ countries }: Pick<GivenPerson, "countries">, place: number) {
  return countries[place] ?? countries[0] ?? null;
}

function takeHashes(person: GivenPerson) {
  const hashes = {
    em: person.emails,
    ph: person.phones,
    fn: person.firstNames,
    ln: person.lastNames,
    ge: person.genders,
    db: person.datesOfBirth,
    ct: person.cities,
    st: person.states,
    zp: person.zips,
    country: person.countries,
    external_id: person.externalIds,
  };
  return Object.fromEntries(
    Object.entries(hashes).map(([key, list]) => [key, [...new Set(list)]]),
  ) as typeof hashes;
}
