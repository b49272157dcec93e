import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Answer,
  type LocalServer,
  type SandboxRequest,
  sendAnswer,
  startLocalServer,
} from "./local-server.ts";
import { answerAccounts } from "./pinterest/account-routes.ts";
import { answerBadly, type BadAnswerParts } from "./pinterest/answer-badly.ts";
import { compileRequestCheck } from "./pinterest/check-events.ts";
import { answerControl } from "./pinterest/control-routes.ts";
import { createDirectory, type Directory } from "./pinterest/directory.ts";
import { errorAnswer } from "./pinterest/errors.ts";
import {
  createFaultScript,
  type Endpoint,
  type Fault,
  type FaultScript,
} from "./pinterest/faults.ts";
import { createLedger, type Ledger, type LedgerRequest } from "./pinterest/ledger.ts";
import { createOauth, type Oauth, type OauthClient } from "./pinterest/oauth.ts";
import { type TakeContext, takeEvents } from "./pinterest/take-events.ts";

export interface LocalPinterestOptions {
  /** Default: any free port. */
  port?: number;
  /** The delay before every answer; default 0. */
  latencyMs?: number;
  /** False keeps ids and digests only, for runs of hundreds of thousands of events. Default true. */
  keepEvents?: boolean;
  /** The limit per ad account; default 5,000, as in `events/create`. */
  callsPerMinute?: number;
  oauthClient?: OauthClient;
  /** Milliseconds since 1970; default the machine's clock. */
  now?: () => number;
}

export interface LocalPinterest {
  /** Base of every call, `http://127.0.0.1:<port>/v5`: the value of PINTEREST_API_URL. */
  url: string;
  /** The value of PINTEREST_OAUTH_URL. */
  oauthUrl: string;
  /** Where Pinterest's own pixel sends to. */
  tagUrl: string;
  oauthClient: OauthClient;
  ledger: Ledger;
  /** Ad accounts, tokens, tags. Empty, any ad account and any `pina_…` token is good. */
  directory: Directory;
  /** Scripts a misbehaviour. */
  fail(fault: Fault): void;
  /** Lifts the faults named for an ad account, or all. Calls that hang go on hanging. */
  heal(adAccountId?: string): void;
  /** Every call besides those that send events, without its body. */
  calls: { method: string; path: string }[];
  /** A code as the consent page hands out. */
  issueCode: Oauth["issueCode"];
  close(): Promise<void>;
}

interface Context extends TakeContext {
  ledger: ReturnType<typeof createLedger>;
  faults: FaultScript;
  oauth: Oauth;
  latencyMs: number;
  calls: LocalPinterest["calls"];
  countTestCall: (at: number) => boolean;
}

const TEST_CALLS_PER_SECOND = 10;
const DEFAULT_CLIENT: OauthClient = { id: "1234567", secret: "sandbox-pinterest-secret" };

function bearerOf({ headers }: SandboxRequest): string | null {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}

/** Refusals that come before the body is looked at. */
function refuseCall(
  context: Context,
  request: LedgerRequest,
  { method, headers }: SandboxRequest,
): Answer | undefined {
  const { adAccountId } = request;
  if (method !== "POST") return errorAnswer(405);
  if (!/^\d{1,18}$/.test(adAccountId)) return errorAnswer(400, "Invalid ad account id");
  const rights = context.directory.rightsOf(request.token);
  if (rights === undefined) return errorAnswer(401);
  const isAllowed = rights.kind === "conversion" || rights.scopes.includes("ads:write");
  if (!isAllowed || !context.directory.mayUse(rights, adAccountId, "send")) return errorAnswer(403);
  if (context.ledger.countCall(adAccountId, request.at)) {
    const { number: requestNumber } = request;
    context.ledger.report({ kind: "rate_exceeded", adAccountId, eventId: null, requestNumber });
    return errorAnswer(429);
  }
  if (request.test && context.countTestCall(request.at)) return errorAnswer(429);
  return /^application\/json\b/i.test(headers["content-type"] ?? "")
    ? undefined
    : errorAnswer(400, "Invalid request: Content-Type must be application/json");
}

/** Waits, then answers as scripted or as it should. Returns the status sent, null if none was. */
async function respond(
  context: Context,
  call: { endpoint: Endpoint; adAccountId: string | null; ids: string[] },
  good: (hits: ReturnType<FaultScript["take"]>) => Answer,
  parts: Pick<BadAnswerParts, "response" | "partly">,
): Promise<{ status: number | null; fault: string | null; error: string | null }> {
  const hits = context.faults.take(call);
  const delayMs = context.latencyMs + hits.latencyMs;
  if (delayMs > 0) await wait(delayMs);
  let answer: Answer | undefined;
  const process = () => {
    answer = good(hits);
    return answer;
  };
  const kind = hits.answer?.kind ?? hits.poisons[0]?.kind ?? null;
  if (hits.answer !== undefined) {
    const status = answerBadly(hits.answer, { ...parts, process });
    return { status, fault: kind, error: null };
  }
  const sent = process();
  sendAnswer(parts.response, sent);
  const error = (sent.json as { message?: string } | undefined)?.message ?? null;
  return { status: sent.status, fault: kind, error };
}

async function serveEvents(
  context: Context,
  incoming: SandboxRequest,
  adAccountId: string,
  response: ServerResponse,
): Promise<undefined> {
  const request = context.ledger.open({
    at: context.now(),
    adAccountId,
    token: bearerOf(incoming),
    sizeBytes: incoming.body.length,
  });
  request.test = incoming.url.searchParams.get("test") === "true";
  response.once("close", () => {
    request.endedAt = context.now();
    request.retryAfter = response.getHeader("retry-after")?.toString() ?? null;
  });
  const refused = refuseCall(context, request, incoming);
  if (refused !== undefined) {
    const error = (refused.json as { message: string }).message;
    Object.assign(request, { status: refused.status, error });
    sendAnswer(response, refused);
    return;
  }
  const taken = takeEvents(context, request, incoming.body);
  const call = { endpoint: "events" as const, adAccountId, ids: taken.ids };
  const parts = { response, partly: taken.partly };
  Object.assign(request, await respond(context, call, (hits) => taken.process(hits), parts));
}

/** What a tag in a page sends: no token, and the answer is of no use to anybody. */
function acceptTagEvent({ ledger, now }: Context, { method, body }: SandboxRequest): Answer {
  if (method !== "POST") return errorAnswer(405);
  const { ad_account_id: account, event, event_id } = JSON.parse(body.toString());
  ledger.acceptFromTag(String(account), { event_id, event_name: event }, now());
  return { status: 204 };
}

async function serveOther(
  context: Context,
  incoming: SandboxRequest,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { pathname } = incoming.url;
  if (pathname.startsWith("/_control/")) return answerControl(context, incoming);
  if (pathname === "/oauth/") return context.oauth.consent(incoming);
  if (pathname === "/tag/") return acceptTagEvent(context, incoming);
  context.calls.push({ method: incoming.method, path: pathname });
  const isTokenCall = pathname === "/v5/oauth/token";
  if (isTokenCall && incoming.method !== "POST") return errorAnswer(405);
  if (!pathname.startsWith("/v5/")) return errorAnswer(404);
  const endpoint: Endpoint = pathname.startsWith("/v5/oauth/") ? "oauth" : "accounts";
  const adAccountId = /^\/v5\/ad_accounts\/(\d+)/.exec(pathname)?.[1] ?? null;
  const good = () =>
    isTokenCall
      ? context.oauth.token(incoming)
      : answerAccounts(context, context.directory.rightsOf(bearerOf(incoming)), incoming);
  const parts = { response, partly: () => errorAnswer(422) };
  await respond(context, { endpoint, adAccountId, ids: [] }, good, parts);
  return undefined;
}

/**
 * Counts test calls: at most ten in one second, over all ad accounts. True: this one is too many.
 */
function createTestCounter(): (at: number) => boolean {
  let second = 0;
  let calls = 0;
  return (at) => {
    const now = Math.floor(at / 1000);
    calls = now === second ? calls + 1 : 1;
    second = now;
    return calls > TEST_CALLS_PER_SECOND;
  };
}

function describeServer(
  server: LocalServer,
  context: Context,
  client: OauthClient,
): LocalPinterest {
  return {
    url: `${server.url}/v5`,
    oauthUrl: `${server.url}/oauth/`,
    tagUrl: `${server.url}/tag/`,
    oauthClient: client,
    ledger: context.ledger,
    directory: context.directory,
    fail: context.faults.add,
    heal: context.faults.heal,
    calls: context.calls,
    issueCode: context.oauth.issueCode,
    close: server.close,
  };
}

/**
 * A strict Pinterest on loopback: it refuses what the real one refuses, remembers what it took, and
 * misbehaves on request. One test, one server: nothing is shared between two of them.
 */
export async function startLocalPinterest(
  options: LocalPinterestOptions = {},
): Promise<LocalPinterest> {
  const { keepEvents = true, callsPerMinute = 5000, latencyMs = 0, now = Date.now } = options;
  const client = options.oauthClient ?? DEFAULT_CLIENT;
  const directory = createDirectory();
  const context: Context = {
    directory,
    ledger: createLedger({ keepEvents, callsPerMinute }),
    faults: createFaultScript(),
    oauth: createOauth(directory, client, now),
    check: compileRequestCheck(),
    countTestCall: createTestCounter(),
    latencyMs,
    calls: [],
    now,
  };
  const server = await startLocalServer((incoming, response) => {
    const adAccountId = /^\/v5\/ad_accounts\/([^/]+)\/events$/.exec(incoming.url.pathname)?.[1];
    if (adAccountId === undefined) return serveOther(context, incoming, response);
    return serveEvents(context, incoming, adAccountId, response);
  }, options.port);
  return describeServer(server, context, client);
}
