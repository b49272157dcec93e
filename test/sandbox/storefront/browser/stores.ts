import type { Store } from "./pixel-events.ts";

/** A page's cookies and storage, as a pixel's `browser` reaches them. */
export interface PageStores {
  /** `document.cookie`: reading gives all, writing sets one. */
  cookie: { read(): string; write(text: string): void };
  localStorage: Storage;
  sessionStorage: Storage;
}

export function readCookie(all: string, name: string): string {
  const pair = all.split("; ").find((text) => text.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) ?? "";
}

/** Answers one call; what Shopify's API does not have is an error in the pixel. */
export function callStore(
  stores: PageStores,
  store: Store,
  method: string,
  args: unknown[],
): unknown {
  const [first, second] = args;
  if (store === "cookie") {
    const { read, write } = stores.cookie;
    if (method === "get") return first === undefined ? read() : readCookie(read(), String(first));
    write(second === undefined ? String(first) : `${first}=${second}`);
    return "";
  }
  const storage = stores[store];
  switch (method) {
    case "getItem":
      return storage.getItem(String(first));
    case "setItem":
      return storage.setItem(String(first), String(second));
    case "removeItem":
      return storage.removeItem(String(first));
    case "key":
      return storage.key(Number(first));
    case "length":
      return storage.length;
    case "clear":
      return storage.clear();
    default:
      throw new TypeError(`browser.${store} has no ${method}`);
  }
}
