import { cleanText, cleanTyped } from "#app/events/clean-text.ts";
import type { GivenPerson } from "#app/events/given-event.ts";
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
 * The person of an event. A phone number, birthday or country that cannot be made out is left out
 * when it is hashed, as an order's is: the event's other keys still match. `isJudged` says whether a
 * key can be judged: not where what it depends on is faulty itself.
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
  return { person, faults: findFaults(values.email, EMAIL_RULE, readEmail) };
}

const HASH_RULE = "must be SHA-256 in 64 hexadecimal digits, as isAlreadyHashed says";
const EMAIL_RULE = "must be an email address; if it is hashed already, say so with isAlreadyHashed";

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
    // Values hashed later are cleaned then by their kind: names keep the joiners inside words.
    return [{ path, value: isHashed ? clean.toLowerCase() : text }];
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

/** Returns null for an invalid address; an empty value counts as absent, not as a fault. */
function readEmail(value: string): string | null {
  const typed = cleanTyped(value);
  return typed === null ? "" : normaliseEmail(typed);
}

function hashFaults(values: PersonalValue[]): FieldFault[] {
  return findFaults(values, HASH_RULE, (value) => /^[0-9a-f]{64}$/.exec(value));
}

/** `read` returns null for what cannot be read. */
function findFaults(
  values: PersonalValue[],
  message: string,
  read: (value: string) => unknown,
): FieldFault[] {
  return values.filter(({ value }) => read(value) === null).map(({ path }) => ({ path, message }));
}
