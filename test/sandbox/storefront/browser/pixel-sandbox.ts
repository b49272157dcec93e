import {
  type Channel,
  isSubscribedBy,
  type PixelEvent,
  type Store,
  type ToPage,
  type ToWorker,
} from "./pixel-events.ts";

/** The one place where a web pixel can be extended. */
const TARGET = "WebPixel::Render";
const CONSENT_EVENT = "visitorConsentCollected";
const CONSENT_EVENTS = [CONSENT_EVENT, "analyticsConsentAccepted", "analyticsConsentDeclined"];
const STORAGE_METHODS = ["getItem", "setItem", "removeItem", "clear", "key", "length"] as const;

type Callback = (payload: unknown) => unknown;
type Start = Extract<ToWorker, { kind: "start" }>;

/**
 * Shopify's strict sandbox, inside the pixel's worker: the API that a pixel gets, and no more. What
 * the pixel throws is told to the page, which never breaks over it.
 */
export function openSandbox(
  channel: Channel<ToPage, ToWorker>,
  load: (script: string, shopify: { extend: typeof extend }) => Promise<void>,
): void {
  const subscriptions: { name: string; callback: Callback }[] = [];
  const consentCallbacks = new Set<Callback>();
  const waiting = new Map<number, (value: unknown) => void>();
  let past: PixelEvent[] = [];
  let start: Start | undefined;
  let calls = 0;

  const fail = (error: unknown) =>
    channel.post({ kind: "failed", message: String((error as Error)?.stack ?? error) });

  function run(callback: Callback, payload: unknown): void {
    try {
      // Each subscriber has a copy: one that changes an event changes no other's.
      const answer = callback(structuredClone(payload));
      if (answer instanceof Promise) answer.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  function call(store: Store, method: string, ...args: unknown[]): Promise<unknown> {
    calls += 1;
    const id = calls;
    channel.post({ kind: "call", id, store, method, args });
    return new Promise((resolve) => waiting.set(id, resolve));
  }

  function subscribe(name: string, callback: Callback): () => boolean {
    if (typeof name !== "string" || typeof callback !== "function") {
      throw new TypeError("analytics.subscribe takes the name of an event and a callback");
    }
    const subscription = { name, callback };
    subscriptions.push(subscription);
    for (const event of past) if (isSubscribedBy(name, event)) run(callback, event);
    return () => {
      const index = subscriptions.indexOf(subscription);
      return index !== -1 && subscriptions.splice(index, 1).length === 1;
    };
  }

  function subscribeConsent(name: string, callback: Callback): () => boolean {
    if (!CONSENT_EVENTS.includes(name))
      throw new TypeError(`no event of consent is called ${name}`);
    if (name === CONSENT_EVENT) consentCallbacks.add(callback);
    return () => consentCallbacks.delete(callback);
  }

  function extend(target: string, callback: (api: unknown) => unknown): void {
    if (target !== TARGET) throw new Error(`no web pixel extends ${target}`);
    if (start === undefined) throw new Error("the sandbox has not started");
    const storage = (store: Store) =>
      Object.fromEntries(
        STORAGE_METHODS.map((method) => [
          method,
          (...args: unknown[]) => call(store, method, ...args),
        ]),
      );
    const api = {
      settings: start.settings,
      init: start.init,
      analytics: { subscribe },
      customerPrivacy: { subscribe: subscribeConsent },
      browser: {
        cookie: {
          get: (name?: string) => call("cookie", "get", name),
          set: (text: string, value?: string) => call("cookie", "set", text, value),
        },
        localStorage: storage("localStorage"),
        sessionStorage: storage("sessionStorage"),
      },
    };
    const answer = callback(deepFreeze(api));
    if (answer instanceof Promise) answer.catch(fail);
    channel.post({ kind: "registered" });
  }

  channel.listen((message) => {
    switch (message.kind) {
      case "start":
        start = message;
        past = message.events;
        load(message.script, { extend }).catch(fail);
        return;
      case "event":
        past.push(message.event);
        for (const { name, callback } of [...subscriptions]) {
          if (isSubscribedBy(name, message.event)) run(callback, message.event);
        }
        return;
      case "consent":
        for (const callback of consentCallbacks) {
          run(callback, { customerPrivacy: message.customerPrivacy });
        }
        return;
      case "answer":
        waiting.get(message.id)?.(message.value);
        waiting.delete(message.id);
    }
  });
}

/** A pixel that writes into what Shopify gave it finds out at once. */
function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
