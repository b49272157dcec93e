import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import { type PinterestTag, readPinterestTag } from "#app/events/pinterest-tag.ts";
import {
  askSignedIn,
  readSignInAccess,
  type SignInAccess,
  unlessSlow,
} from "#app/shops/connection/ask-signed-in.server.ts";
import { readKnownTags, type TagServices } from "./refresh-tags.server.ts";

/** One tag, and when Pinterest told it; null where the ad account has none of this id. */
export interface FoundTag {
  access: PinterestAccess;
  tag: PinterestTag | null;
  fetchedAt: Date | null;
  failure: AskFailure | null;
}

const WAIT_MS = 3_000;

/**
 * A tag of the shop's ad account as Pinterest has it now; while Pinterest is out of reach as it is
 * stored. Asks nothing for a pasted token or a paused connection.
 */
export async function findTag(
  services: TagServices,
  shop: { id: bigint; domain: string },
  tagId: string,
  { now, waitMs = WAIT_MS }: { now: Date; waitMs?: number },
): Promise<FoundTag> {
  const access = await readSignInAccess(services, shop);
  if (access.kind !== "signed_in") return findStoredTag(services, shop, tagId, access);
  const ask = (query: { adAccountId: string; token: string }) =>
    services.pinterest.getTag({ ...query, tagId });
  const answer = await unlessSlow(askSignedIn(services, shop, access, ask), waitMs);
  if (answer?.ok) {
    const tag = readPinterestTag(answer.value);
    return { access: access.kind, tag, fetchedAt: now, failure: null };
  }
  const failure = answer === null ? "slow" : answer.error.kind;
  if (failure === "not_found" || failure === "invalid") {
    return { access: access.kind, tag: null, fetchedAt: now, failure: null };
  }
  return { ...(await findStoredTag(services, shop, tagId, access)), failure };
}

async function findStoredTag(
  services: TagServices,
  shop: { id: bigint },
  tagId: string,
  access: SignInAccess,
): Promise<FoundTag> {
  const { tags, fetchedAt } = await readKnownTags(services, shop, access);
  const tag = tags?.find(({ id }) => id === tagId) ?? null;
  return { access: access.kind, tag, fetchedAt, failure: null };
}
