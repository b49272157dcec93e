import type { Answer, SandboxRequest } from "../local-server.ts";
import type { Directory, TokenRights } from "./directory.ts";
import { errorAnswer } from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import { type LookbackPeriod, scoreQuality } from "./quality-scores.ts";

export interface AccountContext {
  directory: Directory;
  ledger: Ledger;
}

const PERIODS: readonly string[] = ["1d", "14d"];

function refusal(
  { directory }: AccountContext,
  rights: TokenRights,
  adAccountId: string,
  scope: string,
): Answer | undefined {
  if (!/^\d{1,18}$/.test(adAccountId)) return errorAnswer(400, "Invalid ad account id");
  if (!rights.scopes.includes(scope)) return errorAnswer(403);
  const action = scope === "ads:write" ? "send" : "read";
  return directory.mayUse(rights, adAccountId, action) ? undefined : errorAnswer(403);
}

function createTag({ directory }: AccountContext, adAccountId: string, body: Buffer): Answer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return errorAnswer(400);
  }
  const tag = parsed as { name?: unknown } | null;
  if (typeof tag?.name !== "string" || tag.name === "") {
    return errorAnswer(400, "Invalid request: 'name' is a required property");
  }
  return { status: 201, json: directory.createTag(adAccountId, { ...tag, name: tag.name }) };
}

const NOT_STRICT =
  "Invalid request: deletion_targets must hold user_emails or epiks, and nothing else";
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** `POST …/conversion_deletion_requests` of specification 5.28: plain emails or click ids. */
function askDeletion({ directory }: AccountContext, adAccountId: string, body: Buffer): Answer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return errorAnswer(400);
  }
  const { deletion_targets: targets, ...rest } = (parsed ?? {}) as Record<string, unknown>;
  const { user_emails: emails, epiks, ...others } = (targets ?? {}) as Record<string, unknown>;
  const isStrange = Object.keys(rest).length + Object.keys(others).length > 0;
  const isList = (list: unknown): list is string[] =>
    Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === "string");
  const areGood = [emails, epiks].every((list) => list === undefined || isList(list));
  const given = isList(emails) ? emails : [];
  if (isStrange || !areGood || (emails ?? epiks) === undefined) return errorAnswer(400, NOT_STRICT);
  if (!given.every((email) => EMAIL.test(email))) return errorAnswer(400, NOT_STRICT);
  const requestId = String(7_000_000 + directory.deletions.length);
  directory.deletions.push({ adAccountId, emails: given, requestId });
  const created = Math.floor(Date.now() / 1_000);
  return { status: 201, json: { request_id: requestId, status: "PENDING", created_time: created } };
}

function answerTags(
  context: AccountContext,
  request: SandboxRequest,
  adAccountId: string,
  tagId: string | undefined,
): Answer {
  if (request.method === "POST") return createTag(context, adAccountId, request.body);
  const tags = context.directory.tags(adAccountId);
  if (tagId === undefined) return { status: 200, json: { items: tags } };
  const tag = tags.find(({ id }) => id === tagId);
  return tag ? { status: 200, json: tag } : errorAnswer(404);
}

function answerQuality({ ledger }: AccountContext, url: URL, adAccountId: string): Answer {
  const period = url.searchParams.get("lookback_period");
  if (period === null || !PERIODS.includes(period)) {
    return errorAnswer(400, "Invalid request: lookback_period must be 1d or 14d");
  }
  const accepted = ledger.accepted.filter((event) => event.adAccountId === adAccountId);
  return { status: 200, json: scoreQuality(accepted, period as LookbackPeriod) };
}

function listAccounts({ directory }: AccountContext, rights: TokenRights, url: URL): Answer {
  const usable = directory.accounts().filter(({ id }) => directory.mayUse(rights, id, "read"));
  const size = Number(url.searchParams.get("page_size") ?? 25);
  if (!Number.isInteger(size) || size < 1 || size > 250) return errorAnswer(400);
  const start = Number(url.searchParams.get("bookmark") ?? 0);
  const next = start + size;
  const bookmark = next < usable.length ? String(next) : null;
  return { status: 200, json: { items: usable.slice(start, next), bookmark } };
}

const USER_ACCOUNT = {
  account_type: "BUSINESS",
  id: "1022106077902810180",
  username: "sandboxowner",
  business_name: "Sandbox business",
  profile_image: "https://example.com/profile.png",
  website_url: "",
  about: "",
  board_count: 1,
  pin_count: 3,
  follower_count: 0,
  following_count: 0,
  monthly_views: 0,
};

/**
 * Reads and writes of ad accounts, tags and scores. A conversion token is refused here: it is good
 * for events only.
 */
export function answerAccounts(
  context: AccountContext,
  rights: TokenRights | undefined,
  request: SandboxRequest,
): Answer {
  if (rights === undefined) return errorAnswer(401);
  if (rights.kind === "conversion") return errorAnswer(403);
  const path = request.url.pathname.replace("/v5", "");
  if (path === "/oauth/conversion_token" && request.method === "POST") {
    const isAllowed = context.directory.givesConversionTokens();
    if (!isAllowed || !rights.scopes.includes("ads:write")) return errorAnswer(403);
    const token = context.directory.issueToken({ kind: "conversion", accounts: rights.accounts });
    return { status: 200, json: { access_token: token, token_type: "conversion" } };
  }
  const isRead = request.method === "GET";
  if (path === "/user_account" && isRead) {
    const isAllowed = rights.scopes.includes("user_accounts:read");
    return isAllowed ? { status: 200, json: USER_ACCOUNT } : errorAnswer(403);
  }
  if (path === "/ad_accounts" && isRead) return listAccounts(context, rights, request.url);
  const [, adAccountId, resource, id] =
    /^\/ad_accounts\/([^/]+)\/(conversion_tags|conversion_eqs|conversion_deletion_requests)(?:\/(\d{1,18}))?$/.exec(
      path,
    ) ?? [];
  if (adAccountId === undefined) return errorAnswer(404);
  const asksDeletion = resource === "conversion_deletion_requests";
  const isWrite = request.method === "POST" && resource !== "conversion_eqs" && !id;
  if (asksDeletion ? !isWrite : !isRead && !isWrite) return errorAnswer(405);
  const refused = refusal(context, rights, adAccountId, isRead ? "ads:read" : "ads:write");
  if (refused !== undefined) return refused;
  if (asksDeletion) {
    if (!context.directory.offersDeletions()) return errorAnswer(403);
    return askDeletion(context, adAccountId, request.body);
  }
  if (resource === "conversion_eqs") return answerQuality(context, request.url, adAccountId);
  return answerTags(context, request, adAccountId, id);
}
