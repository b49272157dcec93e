import { cleanText } from "#app/events/clean-text.ts";
import type { GivenPerson } from "#app/events/given-event.ts";
import { countryAt } from "#app/mapping/person/build-given-user-data.server.ts";
import { normaliseDateOfBirth } from "#app/mapping/person/normalise-birth.server.ts";
import { normalisePhone } from "#app/mapping/person/normalise-phone.server.ts";
import { normaliseEmail } from "#app/mapping/person/normalise-value.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import {
  type EventInput,
  MAX_TEXT,
  PERSONAL_KEYS,
  type PersonalKey,
} from "./event-input.server.ts";

interface PersonalValue {
  /** `email`, or `email.1` in a list. */
  path: string;
  value: string;
}

type PersonalValues = Record<PersonalKey, PersonalValue[]>;

/**
 * The person of an event. `isJudged` says whether a key can be judged: not where what it depends on
 * is faulty itself.
 */
export function readPerson(
  fields: Pick<EventInput, PersonalKey | "isAlreadyHashed">,
  isJudged: (key: keyof EventInput) => boolean,
): { person: GivenPerson; faults: FieldFault[] } {
  const isHashed = fields.isAlreadyHashed ?? false;
  const values = Object.fromEntries(
    PERSONAL_KEYS.map((key) => [key, listValues(key, fields[key], isHashed)]),
  ) as PersonalValues;
  const person = toPerson(values, isHashed);
  if (!isJudged("isAlreadyHashed")) return { person, faults: [] };
  if (isHashed) return { person, faults: PERSONAL_KEYS.flatMap((key) => hashFaults(values[key])) };
  const faults = [
    ...faultsOf(values.email, EMAIL_RULE, normaliseEmail),
    ...(isJudged("country") ? phoneFaults(values.phone, person) : []),
    ...faultsOf(values.dateOfBirth, BIRTH_RULE, normaliseDateOfBirth),
    ...faultsOf(values.country, COUNTRY_RULE, (country) => /^[A-Z]{2}$/i.exec(country)),
  ];
  return { person, faults };
}

const HASH_RULE = "must be SHA-256 in 64 hexadecimal digits, as isAlreadyHashed says";
const HINT = "; if it is hashed already, say so with isAlreadyHashed";
const EMAIL_RULE = `must be an email address${HINT}`;
const PHONE_RULE = `must be a phone number with + and country code, or with its country in country${HINT}`;
const BIRTH_RULE = `must be a date such as 1990-01-31${HINT}`;
const COUNTRY_RULE = `must be a country code of two letters, such as US${HINT}`;

function listValues(
  key: PersonalKey,
  given: string | string[] | undefined,
  isHashed: boolean,
): PersonalValue[] {
  if (given === undefined) return [];
  const texts = Array.isArray(given)
    ? given.map((text, place) => ({ path: `${key}.${place}`, text }))
    : [{ path: key, text: given }];
  return texts.flatMap(({ path, text }) => {
    const clean = cleanText(text, MAX_TEXT);
    if (clean === null) return [];
    return [{ path, value: isHashed ? clean.toLowerCase() : clean }];
  });
}

function toPerson(values: PersonalValues, isHashed: boolean): GivenPerson {
  const all = (key: PersonalKey) => values[key].map(({ value }) => value);
  const countries = all("country");
  return {
    isHashed,
    emails: all("email"),
    phones: all("phone"),
    externalIds: all("externalId"),
    firstNames: all("firstName"),
    lastNames: all("lastName"),
    genders: all("gender"),
    datesOfBirth: all("dateOfBirth"),
    cities: all("city"),
    states: all("state"),
    zips: all("zip"),
    countries: isHashed ? countries : countries.map((country) => country.toUpperCase()),
  };
}

function hashFaults(values: PersonalValue[]): FieldFault[] {
  return faultsOf(values, HASH_RULE, (value) => /^[0-9a-f]{64}$/.exec(value));
}

function phoneFaults(phones: PersonalValue[], person: GivenPerson): FieldFault[] {
  return faultsOf(phones, PHONE_RULE, (phone, place) =>
    normalisePhone(phone, countryAt(person, place)),
  );
}

/** `read` returns null for what cannot be read. */
function faultsOf(
  values: PersonalValue[],
  message: string,
  read: (value: string, place: number) => unknown,
): FieldFault[] {
  return values
    .filter(({ value }, place) => read(value, place) === null)
    .map(({ path }) => ({ path, message }));
}
