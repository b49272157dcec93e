import { z } from "zod";
import {
  askShopify,
  type ShopifyAdmin,
  type ShopifyAnswer,
  type ShopifyQuery,
} from "./ask-shopify.server.ts";

/** What the store's pixel is given to run with; every shopper can read it. */
export interface WebPixelSettings {
  /** Address that it sends to. */
  endpoint: string;
  /** `demo.myshopify.com` */
  shop: string;
  key: string;
}

/** The store's pixel as Shopify has it. `settings`: null where they are not ours. */
export interface WebPixel {
  id: string;
  settings: WebPixelSettings | null;
}

/**
 * What Shopify did with a wish. `taken`: there is a pixel already; `gone`: there is none of this id;
 * `no_extension`: the app's version at Shopify holds no pixel; `rejected`: the settings are not those
 * that the extension names.
 */
export type WebPixelChange =
  | { kind: "done"; id: string }
  | { kind: "taken" }
  | { kind: "gone" }
  | { kind: "no_extension"; message: string }
  | { kind: "rejected"; message: string };

const settingsForm = z.object({ endpoint: z.string(), shop: z.string(), key: z.string() });

const WEB_PIXEL = {
  text: "query WebPixel { webPixel { id settings } }",
  data: z.object({ webPixel: z.object({ id: z.string(), settings: z.unknown() }) }),
};

const change = z.object({
  changed: z.object({
    webPixel: z.object({ id: z.string() }).nullable(),
    userErrors: z.array(z.object({ code: z.string().nullable(), message: z.string() })),
  }),
});

const CREATE: ShopifyQuery<z.infer<typeof change>> = {
  text: `mutation CreateWebPixel($webPixel: WebPixelInput!) {
    changed: webPixelCreate(webPixel: $webPixel) {
      webPixel { id } userErrors { code field message }
    }
  }`,
  data: change,
};

const UPDATE: ShopifyQuery<z.infer<typeof change>> = {
  text: `mutation UpdateWebPixel($id: ID!, $webPixel: WebPixelInput!) {
    changed: webPixelUpdate(id: $id, webPixel: $webPixel) {
      webPixel { id } userErrors { code field message }
    }
  }`,
  data: change,
};

/** Where there is none, Shopify answers with an error like any other: the failure is `silent` then. */
export async function fetchWebPixel(admin: ShopifyAdmin): Promise<ShopifyAnswer<WebPixel>> {
  const asked = await askShopify(admin, WEB_PIXEL);
  if (!asked.ok) return asked;
  const { id, settings } = asked.found.webPixel;
  return { ok: true, found: { id, settings: readSettings(settings) } };
}

export async function createWebPixel(
  admin: ShopifyAdmin,
  settings: WebPixelSettings,
): Promise<ShopifyAnswer<WebPixelChange>> {
  return readChange(await askShopify(admin, CREATE, { webPixel: { settings } }));
}

export async function updateWebPixel(
  admin: ShopifyAdmin,
  id: string,
  settings: WebPixelSettings,
): Promise<ShopifyAnswer<WebPixelChange>> {
  return readChange(await askShopify(admin, UPDATE, { id, webPixel: { settings } }));
}

/** Shopify's type for them is JSON, which has been seen as an object and as a text. */
function readSettings(settings: unknown): WebPixelSettings | null {
  let value = settings;
  if (typeof settings === "string") {
    try {
      value = JSON.parse(settings);
    } catch {
      return null;
    }
  }
  return settingsForm.safeParse(value).data ?? null;
}

function readChange(asked: ShopifyAnswer<z.infer<typeof change>>): ShopifyAnswer<WebPixelChange> {
  if (!asked.ok) return asked;
  const { webPixel, userErrors } = asked.found.changed;
  const [error] = userErrors;
  if (error === undefined) {
    return webPixel === null
      ? { ok: false, failure: "unreadable" }
      : { ok: true, found: { kind: "done", id: webPixel.id } };
  }
  const { code, message } = error;
  switch (code) {
    case "TAKEN":
      return { ok: true, found: { kind: "taken" } };
    case "NOT_FOUND":
      return { ok: true, found: { kind: "gone" } };
    case "NO_EXTENSION":
      return { ok: true, found: { kind: "no_extension", message } };
    default:
      return { ok: true, found: { kind: "rejected", message } };
  }
}
