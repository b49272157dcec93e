import type { TagSwitch } from "#app/events/pinterest-tag.ts";
import { type ConversionTag, conversionTag, conversionTagList } from "./answers.server.ts";
import { isPinterestId } from "./pinterest-id.server.ts";
import { invalid, type Result, readResult } from "./result.server.ts";
import type { Transport } from "./transport.server.ts";

/** `ConversionTagCreate` of specification 5.23; an absent switch is off. */
export type NewTag = { name: string } & Partial<Record<TagSwitch, boolean>>;

/** Lists the tags of an ad account, with Pinterest's own fields. Needs an OAuth token with `ads:read`. */
export async function listTags(
  transport: Transport,
  { adAccountId, token }: { adAccountId: string; token: string },
): Promise<Result<ConversionTag[]>> {
  if (!isPinterestId(adAccountId)) return invalid("The ad account id must be 1 to 18 digits");
  const exchange = await transport.send({
    method: "GET",
    path: `/ad_accounts/${adAccountId}/conversion_tags`,
    authorization: `Bearer ${token}`,
    secrets: () => [token],
  });
  const list = readResult(exchange, conversionTagList);
  return list.ok ? { ok: true, value: list.value.items } : list;
}

/** Fetches one tag of an ad account. */
export async function getTag(
  transport: Transport,
  { adAccountId, tagId, token }: { adAccountId: string; tagId: string; token: string },
): Promise<Result<ConversionTag>> {
  if (!isPinterestId(adAccountId)) return invalid("The ad account id must be 1 to 18 digits");
  if (!isPinterestId(tagId)) return invalid("The tag id must be 1 to 18 digits");
  const exchange = await transport.send({
    method: "GET",
    path: `/ad_accounts/${adAccountId}/conversion_tags/${tagId}`,
    authorization: `Bearer ${token}`,
    secrets: () => [token],
  });
  return readResult(exchange, conversionTag);
}

/**
 * Creates a tag, in one attempt, never retried: requests carry no key that tells them apart, and a
 * tag cannot be deleted, so after `unavailable` or `unreadable` it is unknown whether the tag
 * exists. Needs an OAuth token with `ads:write`.
 */
export async function createTag(
  transport: Transport,
  { adAccountId, token, tag }: { adAccountId: string; token: string; tag: NewTag },
): Promise<Result<ConversionTag>> {
  if (!isPinterestId(adAccountId)) return invalid("The ad account id must be 1 to 18 digits");
  const exchange = await transport.send({
    method: "POST",
    path: `/ad_accounts/${adAccountId}/conversion_tags`,
    authorization: `Bearer ${token}`,
    body: { type: "application/json", text: JSON.stringify(tag) },
    secrets: () => [token],
  });
  return readResult(exchange, conversionTag);
}
