import type { TagSwitch } from "#app/events/pinterest-tag.ts";
import { type ConversionTag, conversionTag, conversionTagList } from "./answers.server.ts";
import { isPinterestId } from "./pinterest-id.server.ts";
import { invalid, type Result, readResult } from "./result.server.ts";
import type { Transport } from "./transport.server.ts";

/** `ConversionTagCreate` of specification 5.23; a switch left out is off. */
export type NewTag = { name: string } & Partial<Record<TagSwitch, boolean>>;

/** The tags of an ad account, with Pinterest's own fields. Takes an OAuth token with `ads:read`. */
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

/** One tag of an ad account. */
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
 * Makes a tag. One attempt, never repeated: no request can be told from another, and no tag can be
 * deleted, so after `unavailable` or `unreadable` nobody knows whether there is one more. Takes an
 * OAuth token with `ads:write`.
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
