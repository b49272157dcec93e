import { PassThrough, Readable } from "node:stream";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import type { AppLoadContext, EntryContext, HandleErrorFunction } from "@remix-run/server-runtime";
import { ShopifyError } from "@shopify/shopify-api";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
import { Nonce } from "#app/components/shell/nonce.ts";

const RENDER_TIMEOUT_MS = 5_000;

/** Renders a document: streamed to browsers, whole to bots, which do not wait for the rest. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  { shopify, log, requestId, nonce }: AppLoadContext,
): Promise<Response> {
  shopify.addDocumentResponseHeaders(request, headers);
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("X-Rendered", "1");
  const readyEvent = isbot(request.headers.get("user-agent")) ? "onAllReady" : "onShellReady";
  return new Promise((resolve, reject) => {
    let finalStatus = status;
    const { pipe, abort } = renderToPipeableStream(
      <Nonce.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} abortDelay={RENDER_TIMEOUT_MS} />
      </Nonce.Provider>,
      {
        nonce,
        [readyEvent]: () => {
          const body = new PassThrough();
          const stream = Readable.toWeb(body) as ReadableStream<Uint8Array>;
          resolve(new Response(stream, { headers, status: finalStatus }));
          pipe(body);
        },
        onShellError: reject,
        onError(error) {
          finalStatus = 500;
          log.error({ requestId, error }, "page did not render");
        },
      },
    );
    setTimeout(abort, RENDER_TIMEOUT_MS).unref();
  });
}

/** Logs what a loader or an action threw. Shopify's errors carry the session token in their text. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  // Remix's own word on an address or a method that no page has: nothing of ours failed.
  if (request.signal.aborted || isRouteErrorResponse(error)) return;
  const { pathname } = new URL(request.url);
  const where = { requestId: context.requestId, method: request.method, path: pathname };
  if (error instanceof ShopifyError) {
    context.log.error({ ...where, shopifyError: error.constructor.name }, "request failed");
  } else {
    context.log.error({ ...where, error }, "request failed");
  }
};
