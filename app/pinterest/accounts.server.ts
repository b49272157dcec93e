import { type AdAccount, adAccountPage, type UserAccount, userAccount } from "./answers.server.ts";
import { AD_ACCOUNTS_PER_PAGE, MAX_AD_ACCOUNT_PAGES } from "./limits.server.ts";
import { type Result, readResult } from "./result.server.ts";
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
