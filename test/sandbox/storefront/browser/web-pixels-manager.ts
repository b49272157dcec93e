import {
  type Channel,
  type CustomEvent,
  type CustomerPrivacy,
  type InitData,
  isSubscribedBy,
  type PageContext,
  type PixelEvent,
  type StandardEvent,
  type Store,
  type ToPage,
  type ToWorker,
} from "./pixel-events.ts";

/** What a web pixel declares in its toml, and what its shop's settings are. */
export interface DeclaredPixel {
  /** Address of the built bundle. */
  script: string;
  settings: Record<string, unknown>;
  permissions: PixelPermissions;
}

export interface PixelPermissions {
  analytics: boolean;
  marketing: boolean;
  preferences: boolean;
  /** `ldu`: it loads for a shopper who opted out, too, and limits what becomes of the data. */
  sale_of_data: "enabled" | "disabled" | "ldu";
}

/** The page around the pixels: a browser's, or one that a test or the demo makes up. */
export interface TopFrame {
  clientId: string;
  context(): PageContext;
  init: InitData;
  consent(): CustomerPrivacy;
  /** Answers a pixel's call of `browser.cookie` and its like. */
  callStore(store: Store, method: string, args: unknown[]): unknown;
  /** True once for each key: what happens once in a shopper's life is not told again by a reload. */
  once(key: string): boolean;
  nowMs(): number;
  uuid(): string;
  /** A pixel threw. */
  complain(message: string): void;
}

/** The event bus of one page, and the pixels that listen to it. */
export interface WebPixelsManager {
  publish(name: string, data: Record<string, unknown>, once?: string): PixelEvent | null;
  publishCustomEvent(name: string, customData: unknown): PixelEvent;
  /** Another app's pixel, which declares the same permissions. */
  subscribe(name: string, callback: (event: PixelEvent) => void): void;
  /** The shopper has answered: a pixel may load now, and those that run are told. */
  consentChanged(): void;
}

/** True: Shopify loads a pixel with these permissions for this shopper. */
function mayLoad(permissions: PixelPermissions, consent: CustomerPrivacy): boolean {
  return (
    (!permissions.analytics || consent.analyticsProcessingAllowed) &&
    (!permissions.marketing || consent.marketingAllowed) &&
    (!permissions.preferences || consent.preferencesProcessingAllowed) &&
    (permissions.sale_of_data !== "enabled" || consent.saleOfDataAllowed)
  );
}

/**
 * Shopify's web pixels manager: publishes a page's events, and loads a pixel in a worker as soon as
 * all that it declares is permitted, with what has happened on the page before.
 */
export function createWebPixelsManager(
  frame: TopFrame,
  pixel: DeclaredPixel | null,
  spawn: () => Channel<ToWorker, ToPage>,
): WebPixelsManager {
  const past: PixelEvent[] = [];
  const neighbours: { name: string; callback: (event: PixelEvent) => void }[] = [];
  let worker: Channel<ToWorker, ToPage> | undefined;

  function loadIfPermitted(): void {
    if (pixel === null || worker !== undefined) return;
    const customerPrivacy = frame.consent();
    if (!mayLoad(pixel.permissions, customerPrivacy)) return;
    const channel = spawn();
    worker = channel;
    channel.listen((message) => void answerPixel(channel, message));
    const init = { context: frame.context(), data: frame.init, customerPrivacy };
    const { script, settings } = pixel;
    channel.post({ kind: "start", script, settings, init, events: past });
  }

  async function answerPixel(channel: Channel<ToWorker, ToPage>, message: ToPage): Promise<void> {
    if (message.kind === "failed") return frame.complain(message.message);
    if (message.kind !== "call") return;
    const { id, store, method, args } = message;
    channel.post({ kind: "answer", id, value: await frame.callStore(store, method, args) });
  }

  function emit<Event extends PixelEvent>(event: Event): Event {
    past.push(event);
    worker?.post({ kind: "event", event });
    for (const { name, callback } of neighbours) if (isSubscribedBy(name, event)) callback(event);
    return event;
  }

  const envelope = (name: string) => ({
    id: `sh-${frame.uuid()}`,
    clientId: frame.clientId,
    name,
    seq: past.length + 1,
    timestamp: new Date(frame.nowMs()).toISOString(),
    context: frame.context(),
  });

  loadIfPermitted();
  return {
    publish(name, data, once) {
      if (once !== undefined && !frame.once(once)) return null;
      return emit<StandardEvent>({ ...envelope(name), type: "standard", data });
    },
    publishCustomEvent: (name, customData) =>
      emit<CustomEvent>({ ...envelope(name), type: "custom", customData: customData ?? null }),
    subscribe(name, callback) {
      neighbours.push({ name, callback });
      for (const event of past) if (isSubscribedBy(name, event)) callback(event);
    },
    consentChanged() {
      if (worker === undefined) loadIfPermitted();
      else worker.post({ kind: "consent", customerPrivacy: frame.consent() });
    },
  };
}
