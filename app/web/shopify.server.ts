import { createHmac, timingSafeEqual } from "node:crypto";
import { type ApiVersion, ShopifyError } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import type { Database } from "#app/platform/db.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import { statusOfUnread } from "#app/platform/http/limit-body.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { refuseWhileHolding } from "#app/platform/work/held-connection.server.ts";
import { limitUnderWay } from "#app/platform/work/limit-under-way.server.ts";
import {
  SHOPIFY_API_VERSION,
  SHOPIFY_TIMEOUT_MS,
  type ShopifyAdmin,
} from "#app/shopify/ask-shopify.server.ts";
import { fetchShopFacts } from "#app/shopify/shop-facts.server.ts";
import { installShop, saveShopFacts } from "#app/shops/install-shop.server.ts";
import { createSessionStorage } from "#app/shops/session-storage.server.ts";
import { ensureWebPixel } from "#app/shops/web-pixel.server.ts";
import { countBounce, isWholeToken } from "./session-token.server.ts";

export interface ShopifyServices {
  config: Config;
  log: Logger;
  db: Database;
  keyring: Keyring;
}

export type Shopify = Awaited<ReturnType<typeof createShopify>>;

type AfterAuth = Parameters<
  NonNullable<
    NonNullable<
      Parameters<typeof import("@shopify/shopify-app-remix/server").shopifyApp>[0]["hooks"]
    >["afterAuth"]
  >
>[0];

/** HMAC-SHA256. */
const SIGNATURE_BYTES = 32;

/** Calls of one shop at the same time: beyond them its clicks are told to wait. */
const MAX_UNDER_WAY = 8;

/**
 * Shopify's library, configured. It is loaded here and not by the module's imports, because it
 * reads the address of App Bridge from the environment while it loads.
 *
 * `sessions`: in place of the stored ones.
 *
 * While a secret is rotated a request may be signed with the current one or the previous one, and
 * the library knows one secret: so there is an app for each, and the signature decides.
 */
export async function createShopify(services: ShopifyServices, sessions?: SessionStorage) {
  const { SHOPIFY_API_SECRETS: secrets, SHOPIFY_SANDBOX_URL: sandboxUrl } = services.config;
  const appBridgeUrl = sandboxUrl === undefined ? null : `${sandboxUrl}/app-bridge.js`;
  chooseAppBridge(appBridgeUrl);
  await import("@shopify/shopify-app-remix/adapters/node");
  const library = await import("@shopify/shopify-app-remix/server");
  await routeCalls(sandboxUrl);
  const sessionStorage = sessions ?? createSessionStorage(services);
  const create = (apiSecretKey: string) =>
    configure(library, services, { apiSecretKey, sessionStorage });
  const current = create(secrets[0]);
  const apps = [current, ...secrets.slice(1).map(create)];
  const admin: typeof current.authenticate.admin = async (request) => {
    const token = readSessionToken(request);
    const index = secrets.findIndex((secret) => isSignedWith(secret, token));
    refuseCrooked(request, services.config.SHOPIFY_APP_URL);
    if (index !== -1 && !isWholeToken(token)) throw signInAgain();
    try {
      return await (apps[index] ?? current).authenticate.admin(request);
    } catch (thrown) {
      if (thrown instanceof Response) throw countBounce(thrown, request, Date.now());
      throw isMalformed(thrown) ? new Response(null, { status: 400 }) : thrown;
    }
  };
  /** A call of Shopify Flow, and the text that Shopify signed. The library hears of no other. */
  const flow = async (request: Request) => {
    const given = request.headers.get("x-shopify-hmac-sha256") ?? "";
    const signature = Buffer.from(given, "base64");
    // The body of a request without a signature need not be read.
    if (signature.length !== SIGNATURE_BYTES) throw new Response(null, { status: 400 });
    const body = Buffer.from(await readWhole(request));
    const app = apps[secrets.findIndex((secret) => isSignature(signature, secret, body))];
    if (app === undefined) throw new Response(null, { status: 400 });
    try {
      const { method, headers } = request;
      const signed = new Request(request.url, { method, headers, body });
      return { ...(await app.authenticate.flow(signed)), body: body.toString() };
    } catch (thrown) {
      const isFaulty = isMalformed(thrown) || thrown instanceof SyntaxError;
      throw isFaulty ? new Response(null, { status: 400 }) : thrown;
    }
  };
  return {
    ...current,
    authenticate: { admin, flow },
    /** The address of the sandbox's App Bridge; null: Shopify's own is used. */
    appBridgeUrl,
  };
}

function configure(
  library: typeof import("@shopify/shopify-app-remix/server"),
  services: ShopifyServices,
  { apiSecretKey, sessionStorage }: { apiSecretKey: string; sessionStorage: SessionStorage },
) {
  const { config, log } = services;
  return library.shopifyApp({
    apiKey: config.SHOPIFY_API_KEY,
    apiSecretKey,
    apiVersion: SHOPIFY_API_VERSION as ApiVersion,
    appUrl: config.SHOPIFY_APP_URL,
    scopes: [...config.SCOPES],
    distribution: library.AppDistribution.AppStore,
    sessionStorage,
    hooks: { afterAuth: (context) => recordInstall(services, sessionStorage, context) },
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
    logger: {
      // Below a warning the library writes session tokens into its texts.
      level: library.LogSeverity.Warning,
      log: (severity, message) => {
        // It warns of made-up addresses, which are their sender's fault.
        const level = severity === library.LogSeverity.Error ? "error" : "debug";
        log[level]({ library: "shopify" }, message);
      },
    },
  });
}

/**
 * Runs after every token exchange, about once an hour. The library answers 500 to whatever is
 * thrown here and logs nothing, so it is logged here.
 */
async function recordInstall(
  services: ShopifyServices,
  sessions: SessionStorage,
  { session, admin }: AfterAuth,
) {
  const { db, log } = services;
  const domain = session.shop;
  let id: bigint;
  try {
    const scopes = session.scope?.split(",").filter((scope) => scope !== "");
    ({ id } = await installShop({ db }, { domain, ...(scopes && { scopes }) }));
  } catch (error) {
    log.error({ shop: domain, err: error }, "the installation could not be recorded");
    // Otherwise the install would not be recorded before the token expires, and webhooks would be
    // ignored until then.
    await sessions.deleteSession(session.id);
    throw error;
  }
  await Promise.all([
    learnFacts(services, domain, admin),
    // A job does it again: a fault here must not keep anyone out of the admin.
    ensureWebPixel(services, { id, domain }, { admin, actor: "system" }).catch((error: unknown) => {
      log.error({ shop: domain, err: error }, "the store's web pixel could not be looked at");
    }),
  ]);
}

async function learnFacts(
  { db, log }: ShopifyServices,
  domain: string,
  admin: ShopifyAdmin,
): Promise<void> {
  const asked = await fetchShopFacts(admin);
  if (asked.ok) await saveShopFacts({ db }, { domain, ...asked.found });
  else log.warn({ shop: domain, reason: asked.failure }, "the shop's facts are not known");
}

/**
 * The library's bounce page takes App Bridge from this variable. It is set in sandbox mode only:
 * outside it, an attacker who could set it could run a script in every merchant's admin.
 */
function chooseAppBridge(appBridgeUrl: string | null): void {
  // biome-ignore-start lint/style/noProcessEnv: the library has no other switch
  if (appBridgeUrl === null) delete process.env.APP_BRIDGE_URL;
  else process.env.APP_BRIDGE_URL = appBridgeUrl;
  // biome-ignore-end lint/style/noProcessEnv: the library has no other switch
}

/**
 * Gives each call of the library a time limit, and in sandbox mode sends it to the sandbox with the
 * host it was meant for in a header. The library takes its `fetch` from here alone (stubbing
 * `globalThis.fetch` does nothing); its CommonJS build has a setter of its own, but is never loaded.
 */
async function routeCalls(sandboxUrl: string | undefined): Promise<void> {
  const { setAbstractFetchFunc } = await import("@shopify/shopify-api/runtime");
  // biome-ignore lint/style/noRestrictedGlobals: this is Shopify's library talking, not we
  const send = fetch;
  const underWay = limitUnderWay(MAX_UNDER_WAY);
  setAbstractFetchFunc(async (input, init) => {
    refuseWhileHolding("Shopify");
    const url = new URL(input instanceof Request ? input.url : input);
    // The admin needs the token, so its exchange does not wait for other requests of the shop.
    if (url.pathname.endsWith("/oauth/access_token")) return ask(url, input, init);
    return underWay(url.hostname, () => ask(url, input, init), busy());
  });

  function ask(url: URL, input: string | URL | Request, init?: RequestInit): Promise<Response> {
    // The library passes `signal: undefined` if it has none.
    const limited = { ...init, signal: init?.signal ?? AbortSignal.timeout(SHOPIFY_TIMEOUT_MS) };
    if (sandboxUrl === undefined) return send(input, limited);
    const headers = new Headers(init?.headers);
    headers.set("X-Shopify-Shop-Domain", url.hostname);
    return send(`${sandboxUrl}${url.pathname}${url.search}`, { ...limited, headers });
  }
}

/** Shopify's answer to too many requests. */
function busy(): Response {
  return Response.json({ errors: "Earlier requests wait" }, { status: 429 });
}

/**
 * The library throws errors where a made-up address (a `host` that is no base64, a foreign place to
 * leave the frame for) is a fault of the request. Shopify's own failures it throws as a Response.
 */
function isMalformed(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return thrown instanceof ShopifyError || thrown.name === "InvalidCharacterError";
}

/** Throws a Response: 413 past the route's limit, 503 without room, 400 where the sender went away. */
function readWhole(request: Request): Promise<ArrayBuffer> {
  return request.arrayBuffer().catch((error: unknown) => {
    throw new Response(null, { status: statusOfUnread(error) });
  });
}

/** Throws a Response for what the library takes and we do not. */
function refuseCrooked(request: Request, appUrl: string): void {
  // An address gets into logs and histories, so a token found in one must not allow a write.
  if (request.method !== "GET" && !request.headers.has("Authorization")) throw signInAgain();
  const reload = new URL(request.url).searchParams.get("shopify-reload");
  if (reload === null) return;
  const isOurs =
    URL.canParse(reload, appUrl) && new URL(reload, appUrl).origin === new URL(appUrl).origin;
  if (!isOurs) throw new Response(null, { status: 400 });
}

/** App Bridge asks for a new token and sends the request once more. */
function signInAgain(): Response {
  return new Response(null, {
    status: 401,
    headers: { "X-Shopify-Retry-Invalid-Session-Request": "1" },
  });
}

/** App Bridge sends the session token in a header, Shopify's admin in the document's address. */
function readSessionToken(request: Request): string {
  const header = request.headers.get("authorization");
  if (header !== null) return header.replace(/^Bearer /, "");
  return new URL(request.url).searchParams.get("id_token") ?? "";
}

/** Tells whether a JWT has this secret's HS256 signature; its expiry is not checked. */
function isSignedWith(secret: string, token: string): boolean {
  const end = token.lastIndexOf(".");
  return isSignature(Buffer.from(token.slice(end + 1), "base64url"), secret, token.slice(0, end));
}

function isSignature(given: Buffer, secret: string, signed: string | Buffer): boolean {
  const expected = createHmac("sha256", secret).update(signed).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}
