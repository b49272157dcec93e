import { PassThrough, Readable } from "node:stream";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import type { AppLoadContext, EntryContext, HandleErrorFunction } from "@remix-run/server-runtime";
import { ShopifyError } from "@shopify/shopify-api";
import { isbot } from "isbot";
import type { ReactElement } from "react";
import { renderToPipeableStream } from "react-dom/server";
import { Bare } from "#app/admin/shell/guarded.tsx";
import { Nonce } from "#app/admin/shell/nonce.ts";

const RENDER_TIMEOUT_MS = 5_000;

/** Renders a document: streamed to browsers, whole to bots, which do not wait for the rest. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  { shopify, log, nonce }: AppLoadContext,
): Promise<Response> {
  shopify.addDocumentResponseHeaders(request, headers);
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("X-Rendered", "1");
  const page = (isBare: boolean) => (
    <Bare.Provider value={isBare}>
      <Nonce.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} abortDelay={RENDER_TIMEOUT_MS} />
      </Nonce.Provider>
    </Bare.Provider>
  );
  const options: RenderOptions = {
    isWhole: isbot(request.headers.get("user-agent")),
    nonce,
    onError: (error) => log.error({ err: error }, "page did not render"),
  };
  return renderPage(page, options).then(
    ({ body, hasFailed }) => new Response(body, { headers, status: hasFailed ? 500 : status }),
  );
}

interface RenderOptions {
  /** Nothing is handed on before all of it is there. */
  isWhole: boolean;
  nonce: string;
  onError(error: unknown): void;
}

interface Rendered {
  body: ReadableStream<Uint8Array>;
  hasFailed: boolean;
}

/** Renders a page; one that fails a second time, without what is guarded. */
export function renderPage(
  page: (isBare: boolean) => ReactElement,
  options: RenderOptions,
): Promise<Rendered> {
  return renderOnce(page(false), options).catch(() => renderOnce(page(true), options));
}

function renderOnce(page: ReactElement, options: RenderOptions): Promise<Rendered> {
  const readyEvent = options.isWhole ? "onAllReady" : "onShellReady";
  return new Promise((resolve, reject) => {
    let hasFailed = false;
    const { pipe, abort } = renderToPipeableStream(page, {
      nonce: options.nonce,
      [readyEvent]: () => {
        const body = new PassThrough();
        resolve({ body: Readable.toWeb(body) as ReadableStream<Uint8Array>, hasFailed });
        pipe(body);
      },
      onShellError: reject,
      onError(error) {
        hasFailed = true;
        options.onError(error);
      },
    });
    setTimeout(abort, RENDER_TIMEOUT_MS).unref();
  });
}

/** Logs what a loader or an action threw. Shopify's errors carry the session token in their text. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  // Remix's own word on an address or a method that no page has: nothing of ours failed.
  if (request.signal.aborted || isRouteErrorResponse(error)) return;
  const { pathname } = new URL(request.url);
  const where = { method: request.method, path: pathname };
  if (error instanceof ShopifyError) {
    context.log.error({ ...where, shopifyError: error.constructor.name }, "request failed");
  } else {
    context.log.error({ ...where, err: error }, "request failed");
  }
};
