import { isIP } from "node:net";
import { MAX_MESSAGE_LENGTH } from "./limits.server.ts";

/**
 * The length that is read before anything is removed; patterns need not run over megabytes that are
 * never shown.
 */
const MAX_READ_LENGTH = 20 * MAX_MESSAGE_LENGTH;
const REMOVED = "[removed]";

/** The repeats are bounded; otherwise the time would grow with the square of the message's length. */
const PATTERNS: [RegExp, string][] = [
  [/pin[ar][_.][\w.~+/=-]+/gi, REMOVED],
  [/\b(Bearer|Basic) +[\w.~+/=-]{16,}/gi, `$1 ${REMOVED}`],
  [/[^\s"'<>()@,;:=]{1,64}@[^\s"'<>()@,;:=]+/g, REMOVED],
];
const ADDRESS = /[0-9a-f:.]{3,45}/gi;

/**
 * Makes a message fit to be stored, logged and shown: without the given secrets and values (also in
 * their URL form), tokens, e-mail and IP addresses, and control characters (Postgres rejects NUL in
 * text); at most 500 characters of well-formed Unicode. Pinterest may repeat what it was sent.
 */
export function scrub(message: string, secrets: readonly string[] = []): string {
  const read = message.slice(0, MAX_READ_LENGTH);
  const withoutSecrets = secrets.flatMap(spellings).reduce(remove, read);
  return PATTERNS.reduce((text, [pattern, mark]) => text.replace(pattern, mark), withoutSecrets)
    .replace(ADDRESS, (candidate) => (isIP(candidate.replace(/[.:]$/, "")) ? REMOVED : candidate))
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, MAX_MESSAGE_LENGTH)
    .toWellFormed();
}

function remove(text: string, secret: string): string {
  return secret !== "" && text.includes(secret) ? text.replaceAll(secret, REMOVED) : text;
}

function spellings(secret: string): string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  return encoded === secret ? [secret] : [secret, encoded];
}
