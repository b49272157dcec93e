import type { ToPage, ToWorker } from "./pixel-events.ts";
import { openSandbox } from "./pixel-sandbox.ts";

/** The script of the pixel's Web Worker. */

/** What a dedicated worker has and Shopify's strict sandbox does not lend to a pixel. */
const NOT_LENT = [
  "importScripts",
  "XMLHttpRequest",
  "WebSocket",
  "EventSource",
  "BroadcastChannel",
  "indexedDB",
  "caches",
  "navigator",
  "location",
  "Worker",
];

// Taken before the pixel could lay its hand on it.
const post = self.postMessage.bind(self) as (message: ToPage) => void;

for (const name of NOT_LENT) {
  Object.defineProperty(self, name, { value: undefined, configurable: false });
}

self.addEventListener("unhandledrejection", ({ reason }) => {
  post({ kind: "failed", message: String((reason as Error)?.stack ?? reason) });
});

openSandbox(
  {
    post,
    listen(receive) {
      self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => receive(data));
    },
  },
  async (script, shopify) => {
    Object.assign(self, { shopify });
    await import(script);
  },
);
