import type { Resolvers } from "../answer-graphql.ts";
import type { LocalShop } from "../installed-shops.ts";

export interface LocalWebPixel {
  id: string;
  settings: Record<string, string>;
}

/** The web pixels of the stores: those of `shopify.extension.toml`, as Customer events lists them. */
export interface LocalWebPixels {
  resolvers: Resolvers;
  /** What the store's pages run the pixel with; undefined where there is none. */
  of(shop: string): LocalWebPixel | undefined;
  /** Whether the app's version at Shopify holds the extension: `shopify app deploy` was run. */
  setDeployed(isDeployed: boolean): void;
  /** The merchant disconnects it in Customer events. The app hears nothing of it. */
  disconnect(shop: string): void;
}

interface UserError {
  code: string;
  field: string[];
  message: string;
}

/** The fields of the extension's `[settings]`, each a text of at least one letter. */
const FIELDS = ["endpoint", "shop", "key"];

function fault(code: string, message: string): UserError {
  return { code, field: ["webPixel", "settings"], message };
}

/** Returns Shopify's error for settings that are not those of the extension's toml. */
function faultOf(settings: unknown): UserError | undefined {
  if (settings === undefined || settings === null) return fault("BLANK", "Settings can't be blank");
  let given = settings;
  if (typeof settings === "string") {
    try {
      given = JSON.parse(settings);
    } catch {
      return fault("INVALID_CONFIGURATION_JSON", "Settings must be valid JSON");
    }
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return fault("INVALID_CONFIGURATION_JSON", "Settings must be a JSON object");
  }
  const unknown = Object.keys(given).filter((name) => !FIELDS.includes(name));
  const wrong = FIELDS.filter((name) => {
    const value = (given as Record<string, unknown>)[name];
    return typeof value !== "string" || value === "";
  });
  return unknown.length + wrong.length > 0
    ? fault("INVALID_SETTINGS", `Settings are invalid: ${[...unknown, ...wrong].join(", ")}`)
    : undefined;
}

/** Root fields of the Admin API for the app's web pixel: one for each store. */
export function createWebPixels(): LocalWebPixels {
  const pixels = new Map<string, LocalWebPixel>();
  let made = 0;
  let isDeployed = true;

  const refuse = (error: UserError) => ({ webPixel: null, userErrors: [error] });
  const answer = ({ id, settings }: LocalWebPixel) => ({
    webPixel: { id, settings: JSON.stringify(settings) },
    userErrors: [],
  });
  const inputOf = ({ webPixel }: Record<string, unknown>): unknown => {
    const isInput =
      typeof webPixel === "object" && webPixel !== null && Object.keys(webPixel).length <= 1;
    if (isInput) return (webPixel as { settings?: unknown }).settings;
    throw new Error("Variable $webPixel of type WebPixelInput! was provided invalid value");
  };
  const store = (shop: LocalShop, id: string, settings: unknown) => {
    const given = typeof settings === "string" ? JSON.parse(settings) : settings;
    const pixel = { id, settings: given as Record<string, string> };
    pixels.set(shop.domain, pixel);
    return answer(pixel);
  };

  return {
    of: (shop) => pixels.get(shop),
    setDeployed(deployed) {
      isDeployed = deployed;
    },
    disconnect: (shop) => void pixels.delete(shop),
    resolvers: {
      webPixel(shop) {
        const pixel = pixels.get(shop.domain);
        // It has no null for a store without one.
        if (pixel === undefined) throw new Error("No web pixel was found for this app.");
        return answer(pixel).webPixel;
      },
      webPixelCreate(shop, variables) {
        const settings = inputOf(variables);
        if (!isDeployed) return refuse(fault("NO_EXTENSION", "No extension found"));
        if (pixels.has(shop.domain)) return refuse(fault("TAKEN", "Web pixel is taken"));
        const error = faultOf(settings);
        if (error !== undefined) return refuse(error);
        made += 1;
        return store(shop, `gid://shopify/WebPixel/${made}`, settings);
      },
      webPixelUpdate(shop, variables) {
        const settings = inputOf(variables);
        const known = pixels.get(shop.domain);
        if (known === undefined || known.id !== variables.id) {
          return refuse(fault("NOT_FOUND", "Web pixel not found"));
        }
        const error = faultOf(settings);
        return error === undefined ? store(shop, known.id, settings) : refuse(error);
      },
    },
  };
}
