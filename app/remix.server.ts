import { randomUUID } from "node:crypto";
import type http from "node:http";
import { fileURLToPath } from "node:url";
import { createRequestListener } from "@remix-run/node-fetch-server";
import { createRequestHandler, type ServerBuild } from "@remix-run/server-runtime";
import sirv from "sirv";
import { identifyMerchant, type Merchant } from "./merchant.server.ts";
import { nameFailures } from "./name-failures.server.ts";
import { protectResponse } from "./protect-response.server.ts";
import type { Services } from "./services.server.ts";
import type { Shopify } from "./shopify.server.ts";

export interface WebServices extends Services {
  shopify: Shopify;
}

/** What a request adds to the process's services. */
interface RequestServices {
  requestId: string;
  /**
   * Authenticates the merchant's request, once however many loaders ask: two of them would each
   * exchange the session token. Throws the library's Response when there is more to do.
   */
  signIn(): ReturnType<Shopify["authenticate"]["admin"]>;
  /** Who asks, once however many loaders ask; throws as `signIn` does, and 403. */
  merchant(): Promise<Merchant>;
}

declare module "@remix-run/server-runtime" {
  interface AppLoadContext extends WebServices, RequestServices {}
}

type Listener = (request: http.IncomingMessage, response: http.ServerResponse) => void;
type Middleware = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  next: () => void,
) => void;

/** What serves files, and the routes as they are now. */
interface Front {
  files: Middleware;
  build: ServerBuild | (() => Promise<ServerBuild>);
}

/** Pages post small forms; more would only fill the memory. */
const MAX_BODY_BYTES = 1024 * 1024;
/** The page that takes files of events: 5 MB, and what a form has around them. */
const FILE_PAGE = /^\/app\/send(\?|$)/;
const MAX_FILE_BODY_BYTES = 6 * 1024 * 1024;
/** Paths that read a body themselves, and know how much they want. */
const OWN_LIMIT = /^\/api\//;
const BUILD = new URL("../build/", import.meta.url);
/** Tells `npm run dev` to start the process again. */
const RESTART_EXIT_CODE = 75;

/** The embedded admin: files, then Remix, with the services as its load context. */
export async function remixListener(
  server: http.Server,
  services: WebServices,
  isDev: boolean,
): Promise<Listener> {
  const { files, build } = isDev ? await developmentFront(server) : await productionFront();
  const handler = createRequestHandler(build, isDev ? "development" : "production");
  const { config, log, shopify } = services;
  const handle = createRequestListener(
    async (request) => {
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
      const requestId = randomUUID();
      const response = await handler(request, { ...services, requestId, signIn, merchant });
      const answer = protectResponse(response, request, config);
      answer.headers.set("X-Request-Id", requestId);
      return answer;
    },
    {
      onError(error) {
        log.error({ error }, "request failed outside Remix");
        return new Response("The request could not be answered.", { status: 500 });
      },
    },
  );
  return (request, response) => {
    if (isTooLarge(request)) {
      response.writeHead(413, { Connection: "close" }).end();
    } else {
      files(request, response, () => handle(request, response));
    }
  };
}

function isTooLarge({ method, url = "", headers }: http.IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD" || OWN_LIMIT.test(url)) return false;
  const isChunked = headers["transfer-encoding"] !== undefined;
  const limit = FILE_PAGE.test(url) ? MAX_FILE_BODY_BYTES : MAX_BODY_BYTES;
  return isChunked || Number(headers["content-length"] ?? 0) > limit;
}

async function productionFront(): Promise<Front> {
  const entry = fileURLToPath(new URL("server/index.js", BUILD));
  const files = sirv(fileURLToPath(new URL("client", BUILD)), {
    etag: true,
    gzip: true,
    setHeaders(response, path) {
      response.setHeader("X-Content-Type-Options", "nosniff");
      // Vite names these files by their content.
      if (path.startsWith("/assets/")) {
        response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
      }
    },
  });
  return { files, build: nameFailures((await import(entry)) as ServerBuild) };
}

async function developmentFront(server: http.Server): Promise<Front> {
  const { createServer } = await import("vite");
  const vite = await createServer({
    appType: "custom",
    server: { middlewareMode: { server }, hmr: { server } },
  });
  // Code outside the bundle is loaded once by Node: only a new process sees the change.
  vite.watcher.on("change", (file) => {
    if (file.endsWith(".server.ts")) process.exit(RESTART_EXIT_CODE);
  });
  const load = async () =>
    nameFailures((await vite.ssrLoadModule("virtual:remix/server-build")) as ServerBuild);
  return { files: vite.middlewares, build: load };
}
