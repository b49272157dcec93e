import type { TagSwitch } from "#app/events/pinterest-tag.ts";
import {
  type AdAccount,
  adAccountPage,
  type ConversionTag,
  conversionTag,
  conversionTagList,
  deletionRequestAnswer,
  type QualityScore,
  qualityScores,
  type UserAccount,
  userAccount,
} from "./answers.server.ts";
import { AD_ACCOUNTS_PER_PAGE, isPinterestId, MAX_AD_ACCOUNT_PAGES } from "./limits.server.ts";
import { invalid, type Result, readResult } from "./result.server.ts";
import type { Transport } from "./transport.server.ts";

/**
 * Lists the ad accounts that a token can see, including shared ones, up to 5,000; `isComplete` is
 * false when there are more. Needs an OAuth token with `ads:read`.
 */
export async function listAdAccounts(
  transport: Transport,
  { token }: { token: string },
): Promise<Result<{ items: AdAccount[]; isComplete: boolean }>> {
  const items: AdAccount[] = [];
  let query = `page_size=${AD_ACCOUNTS_PER_PAGE}`;
  for (let page = 0; page < MAX_AD_ACCOUNT_PAGES; page += 1) {
    const exchange = await transport.send({
      method: "GET",
      path: `/ad_accounts?${query}`,
      authorization: `Bearer ${token}`,
      secrets: () => [token],
    });
    const read = readResult(exchange, adAccountPage);
    if (!read.ok) return read;
    items.push(...read.value.items);
    if (!read.value.bookmark) return { ok: true, value: { items, isComplete: true } };
    const bookmark = encodeURIComponent(read.value.bookmark.toWellFormed());
    query = `page_size=${AD_ACCOUNTS_PER_PAGE}&bookmark=${bookmark}`;
  }
  return { ok: true, value: { items, isComplete: false } };
}

/** Fetches the owner of a token. Needs an OAuth token with `user_accounts:read`. */
export async function getUserAccount(
  transport: Transport,
  { token }: { token: string },
): Promise<Result<UserAccount>> {
  const exchange = await transport.send({
    method: "GET",
    path: "/user_account",
    authorization: `Bearer ${token}`,
    secrets: () => [token],
  });
  return readResult(exchange, userAccount);
}

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

/** The periods that Pinterest scores: the last day, or the last two weeks. */
export type Lookback = "1d" | "14d";

/**
 * Fetches Pinterest's event quality scores of an ad account, one for each platform and source; an
 * empty list while there is no score yet. Needs an OAuth token with `ads:read`; a conversion token
 * is not enough.
 */
export async function getEventQuality(
  transport: Transport,
  { adAccountId, token, lookback }: { adAccountId: string; token: string; lookback: Lookback },
): Promise<Result<QualityScore[]>> {
  if (!isPinterestId(adAccountId)) return invalid("The ad account id must be 1 to 18 digits");
  const exchange = await transport.send({
    method: "GET",
    path: `/ad_accounts/${adAccountId}/conversion_eqs?lookback_period=${lookback}`,
    authorization: `Bearer ${token}`,
    secrets: () => [token],
  });
  return readResult(exchange, qualityScores);
}

/**
 * Asks Pinterest to delete the conversions of people from an ad account, and returns the id of the
 * request: 72 hours later it is processed, and done within 30 days. In beta, "not available to all
 * apps" (specification 5.24 to 5.28). Emails go in plain text, unlike those of events. Needs an OAuth
 * token.
 */
export async function requestDeletion(
  transport: Transport,
  { adAccountId, token, emails }: { adAccountId: string; token: string; emails: readonly string[] },
): Promise<Result<string>> {
  if (!isPinterestId(adAccountId)) return invalid("The ad account id must be 1 to 18 digits");
  const exchange = await transport.send({
    method: "POST",
    path: `/ad_accounts/${adAccountId}/conversion_deletion_requests`,
    authorization: `Bearer ${token}`,
    body: {
      type: "application/json",
      text: JSON.stringify({ deletion_targets: { user_emails: emails } }),
    },
    secrets: () => [token, ...emails],
  });
  const read = readResult(exchange, deletionRequestAnswer);
  return read.ok ? { ok: true, value: read.value.request_id } : read;
}
