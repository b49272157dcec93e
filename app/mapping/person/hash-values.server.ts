import { hash } from "node:crypto";
import type { UserData } from "#app/events/conversion-event.ts";

export type Values = readonly (string | null | undefined)[];
type Normaliser = (value: string) => string | null;
type HashedKey = Exclude<
  keyof UserData,
  "click_id" | "client_ip_address" | "client_user_agent" | "partner_id"
>;

/** Normalises and hashes; what is nothing after normalising is left out. */
export function hashAll(values: Values, normalise: Normaliser): string[] {
  return hashDigests([...new Set(values)].map((value) => (value ? normalise(value) : null)));
}

/** One digest for each different value that is not empty, in the given order. */
export function hashDigests(values: Values): string[] {
  const present = new Set(values.filter((value): value is string => Boolean(value)));
  return [...present].map((value) => hash("sha256", value, "hex"));
}

/** Pinterest refuses an empty list. */
export function withoutEmpty(lists: Partial<Record<HashedKey, string[]>>): UserData {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}
