import { randomBytes } from "node:crypto";
import type http from "node:http";
import { fileURLToPath } from "node:url";
import { constants } from "node:zlib";
import { createRequestListener } from "@remix-run/node-fetch-server";
import { createRequestHandler, type ServerBuild } from "@remix-run/server-runtime";
import compression from "compression";
import sirv from "sirv";
import { identifyMerchant, type Merchant } from "#app/admin/shell/merchant.server.ts";
import type { ByteShare } from "#app/platform/bodies/byte-budget.server.ts";
import { limitBody } from "#app/platform/http/limit-body.server.ts";
import { readForm } from "#app/platform/http/read-form.server.ts";
import type { Target } from "#app/platform/http/read-target.server.ts";
import { currentRequestId } from "#app/platform/http/request-id.server.ts";
import type { Services } from "#app/services.server.ts";
import { attachErrorReference } from "./attach-error-reference.server.ts";
import { setSecurityHeaders } from "./set-security-headers.server.ts";
import type { Shopify } from "./shopify.server.ts";

export interface WebServices extends Services {
  shopify: Shopify;
}

/** The services of one request, in addition to the process's. */
interface RequestServices {
  requestId: string;
  /** The nonce of the page's scripts: the browser runs no others. */
  nonce: string;
  /** Whose admin may frame the page: who signed in, or who is asked to. */
  shopOfPage(): Promise<string>;
  /**
   * Authenticates the merchant's request, once however many loaders ask: two of them would each
   * exchange the session token. Throws the library's Response when there is more to do.
   */
  signIn(): ReturnType<Shopify["authenticate"]["admin"]>;
  /** Identifies the merchant once for all loaders; throws like `signIn`, and 403. */
  merchant(): Promise<Merchant>;
  /**
   * The form that the merchant sent. A page's `request` has no body: a body is read only after
   * the sender is identified.
   */
  form(merchant: Merchant): Promise<FormData>;
  /** Leads a stranger to the admin of the store that they name, or says what is wrong with the name. */
  login(): ReturnType<Shopify["login"]>;
}

declare module "@remix-run/server-runtime" {
  interface AppLoadContext extends WebServices, RequestServices {}
}

export type PageListener = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: Target,
) => void;
type Middleware = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  next: () => void,
) => void;

/** Serves static files, and holds the current routes. */
interface Frontend {
  files: Middleware;
  build: ServerBuild | (() => Promise<ServerBuild>);
}

/** The limits of a path. */
interface Terms {
  methods: readonly string[];
  maxBytes: number;
  /** The route reads the bytes itself: it authenticates them, or their sender, first. */
  isRaw?: true;
  /** The route counts the bytes in hand itself, beside those of the same key. */
  countsItself?: true;
}

const MIB = 1024 * 1024;
/** Pages post small forms; more would only fill the memory. */
const USUAL: Terms = { methods: ["GET", "HEAD", "POST"], maxBytes: 64 * 1024 };
/** The paths with other limits. A path that is not listed has the default limit. */
const EXCEPTIONS = new Map<string, Terms>([
  // A file of events has 5 MB, and what a form has around them.
  ["/app/send", { ...USUAL, maxBytes: 6 * MIB }],
  // 10,000 events with every personal key hashed take 13 MiB, and more as JSON in a string.
  ["/api/v1/tasks", { methods: ["POST"], maxBytes: 24 * MIB, isRaw: true, countsItself: true }],
  ["/flow/send-event", { methods: ["POST"], maxBytes: USUAL.maxBytes, isRaw: true }],
]);
const BUILD = new URL("../../build/", import.meta.url);
/** Tells `npm run dev` to start the process again. */
const RESTART_EXIT_CODE = 75;

/** The embedded admin: files, then Remix, with the services as its load context. */
export async function remixListener(
  server: http.Server,
  services: WebServices,
  isDev: boolean,
): Promise<PageListener> {
  const { config, log } = services;
  const { files, build } = isDev ? await developmentFront(server, config) : await productionFront();
  const handler = createRequestHandler(build, isDev ? "development" : "production");
  const { host, protocol, origin } = new URL(config.SHOPIFY_APP_URL);
  const onError = (error: unknown) => {
    log.error({ err: error }, "request failed outside Remix");
    return new Response("The request could not be answered.", { status: 500 });
  };
  return (incoming, response, { path }) => {
    const terms = findLimits(path);
    const refusal = refuse(incoming, terms, origin);
    if (refusal !== null) {
      response.writeHead(refusal.status, refusal.headers).end();
      return;
    }
    const listener = createRequestListener(
      async (received) => {
        const share = services.bodies.open();
        response.once("close", share.release);
        const request = toPageRequest(received, terms, { origin, share });
        const own = openRequest(services, received, request, { terms, share });
        const given = withPlainRefusal(await handler(request, { ...services, ...own }));
        const shop = await own.shopOfPage();
        const page = { shop, nonce: own.nonce, isDev };
        const answer = await setSecurityHeaders(given, config, page);
        await discardRest(incoming);
        // The unread part of the body must not be parsed as the next request.
        if (!incoming.complete) answer.headers.set("Connection", "close");
        return answer;
      },
      // Addresses are the app's own, whatever a proxy or a caller calls it.
      { host, protocol, onError },
    );
    compress(incoming as never, response as never, () =>
      files(incoming, response, () => listener(incoming, response)),
    );
  };
}

/**
 * Pages, data and files. Each part is sent as it is written: a page streams, and what it waits for
 * must not wait for a block to be full. No cookie says who asks, so no other site can make a browser
 * ask for a page with a secret in it, whose length would tell of it.
 */
const compress = compression({
  // A result of a task may be 8 MiB in one piece, of which the compressor would hold copies.
  filter: ({ url = "" }, response) =>
    !url.startsWith("/api/") && compression.filter(null as never, response as never),
  flush: constants.Z_SYNC_FLUSH,
  brotli: { flush: constants.BROTLI_OPERATION_FLUSH },
});

const DISCARD_WITHIN_MS = 500;

/** A caller who is cut off in the middle of a body misses the answer, so a quick one may finish. */
async function discardRest(incoming: http.IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  let size = 0;
  incoming.removeAllListeners("data").on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MIB) resolve();
  });
  incoming.resume();
  const timer = setTimeout(resolve, DISCARD_WITHIN_MS);
  incoming.once("end", resolve).once("close", resolve);
  await promise;
  clearTimeout(timer);
  incoming.pause();
}

/** React Router takes a path with a slash at its end, and in capitals, for the same page. */
function findLimits(path: string): Terms {
  return EXCEPTIONS.get(path.replace(/\/$/, "").toLowerCase()) ?? USUAL;
}

interface Refusal {
  status: number;
  headers: Record<string, string>;
}

/**
 * Finds requests that make Remix or `Request` throw: the caller is at fault, so they are not
 * logged.
 */
function refuse(
  { method = "", headers }: http.IncomingMessage,
  { methods }: Terms,
  appOrigin: string,
): Refusal | null {
  const close = { Connection: "close" };
  if (!methods.includes(method)) {
    return { status: 405, headers: { ...close, Allow: methods.join(", ") } };
  }
  const { host, origin } = headers;
  if (host !== undefined && !HOST.test(host)) return { status: 400, headers: close };
  const isCrossSite = origin !== undefined && origin !== appOrigin && parseHost(origin) !== host;
  if (method === "POST" && isCrossSite) return { status: 403, headers: close };
  return null;
}

/** For a route without an action, Remix's answer names the file and the developer's omission. */
function withPlainRefusal(answer: Response): Response {
  if (answer.status !== 405 || answer.headers.has("Allow")) return answer;
  void answer.body?.cancel();
  return new Response(null, { status: 405, headers: { Allow: "GET, HEAD" } });
}

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

function parseHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** The request as the routes see it: a HEAD is read like a GET, and only a raw body is handed on. */
function toPageRequest(
  received: Request,
  { maxBytes, isRaw, countsItself }: Terms,
  { origin, share }: { origin: string; share: ByteShare },
): Request {
  const headers = new Headers(received.headers);
  // Remix compares them once more, with a host that a proxy may have changed.
  headers.delete("X-Forwarded-Host");
  headers.set("Host", new URL(origin).host);
  if (headers.has("Origin")) headers.set("Origin", origin);
  const method = received.method === "HEAD" ? "GET" : received.method;
  const take = countsItself ? undefined : share.take;
  const body = isRaw && received.body ? limitBody(received.body, maxBytes, take) : null;
  return new Request(received.url, {
    method,
    headers,
    signal: received.signal,
    ...(body && { body, duplex: "half" }),
  });
}

function openRequest(
  services: WebServices,
  received: Request,
  request: Request,
  { terms: { maxBytes }, share }: { terms: Terms; share: ByteShare },
): RequestServices {
  const { shopify } = services;
  let signedIn: ReturnType<RequestServices["signIn"]> | undefined;
  const signIn = () => {
    signedIn ??= shopify.authenticate.admin(request);
    return signedIn;
  };
  let identified: Promise<Merchant> | undefined;
  const merchant = () => {
    identified ??= identifyMerchant(services, request, signIn);
    return identified;
  };
  return {
    requestId: currentRequestId() ?? "",
    nonce: randomBytes(16).toString("base64"),
    async shopOfPage() {
      const shop = await signedIn?.then(({ session }) => session.shop).catch(() => null);
      return shop ?? new URL(request.url).searchParams.get("shop") ?? "";
    },
    signIn,
    merchant,
    form: () => readForm(received, maxBytes, share),
    async login() {
      if (request.method === "GET") return shopify.login(request);
      const shop = (await readForm(received, MAX_LOGIN_BYTES, share)).get("shop");
      const body = new URLSearchParams({ shop: typeof shop === "string" ? shop : "" });
      return shopify.login(new Request(request.url, { method: "POST", body }));
    },
  };
}

/** The sender of this form is unknown: it holds only the name of a store. */
const MAX_LOGIN_BYTES = 4 * 1024;

async function productionFront(): Promise<Frontend> {
  const entry = fileURLToPath(new URL("server/index.js", BUILD));
  const files = sirv(fileURLToPath(new URL("client", BUILD)), {
    etag: true,
    gzip: true,
    brotli: true,
    setHeaders(response, path) {
      response.setHeader("X-Content-Type-Options", "nosniff");
      // The library does not know the type.
      if (path.endsWith(".ico")) response.setHeader("Content-Type", "image/x-icon");
      // Vite names these files by their content.
      if (path.startsWith("/assets/")) {
        response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
      }
    },
  });
  return { files, build: attachErrorReference((await import(entry)) as ServerBuild) };
}

async function developmentFront(
  server: http.Server,
  { SHOPIFY_APP_URL }: WebServices["config"],
): Promise<Frontend> {
  const { createServer } = await import("vite");
  const vite = await createServer({
    appType: "custom",
    server: {
      middlewareMode: { server },
      hmr: { server },
      // Vite answers 403 to names it does not know, and a tunnel's is a new one each time.
      allowedHosts: [new URL(SHOPIFY_APP_URL).hostname],
    },
  });
  // Code outside the bundle is loaded once by Node: only a new process sees the change.
  vite.watcher.on("change", (file) => {
    if (file.endsWith(".server.ts")) process.exit(RESTART_EXIT_CODE);
  });
  const load = async () =>
    attachErrorReference((await vite.ssrLoadModule("virtual:remix/server-build")) as ServerBuild);
  return { files: vite.middlewares, build: load };
}
