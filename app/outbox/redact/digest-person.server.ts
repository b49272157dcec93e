import type { UserData } from "#app/events/conversion-event.ts";
import type { DataKeys } from "#app/platform/keyring.server.ts";

/** The match keys by which Shopify's requests name a person. */
export type PersonData = Pick<UserData, "em" | "ph" | "external_id">;

/** The digests of a person's match keys, by which payloads are found that no order leads to. */
export function digestPerson(
  keys: Pick<DataKeys, "digest">,
  shopId: bigint,
  { em = [], ph = [], external_id: ids = [] }: PersonData,
): string[] {
  const named = [
    ...em.map((hash) => `em ${hash}`),
    ...ph.map((hash) => `ph ${hash}`),
    ...ids.map((hash) => `external_id ${hash}`),
  ];
  return named.map((text) => keys.digest(shopId, text));
}
