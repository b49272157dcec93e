import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import type { Answer } from "../local-server.ts";
import type { PixelPermissions } from "./browser/web-pixels-manager.ts";

/** The files that a shop's pages load: Shopify's own scripts, and what the app's extensions bring. */

const BROWSER = new URL("./browser/", import.meta.url);
const EXTENSIONS = new URL("../../../extensions/", import.meta.url);
/** What `npm run build` makes of the web pixel. */
const PIXEL_BUNDLE = new URL("../../../build/pixel/pinrelay-pixel.js", import.meta.url);
const PIXEL_TOML = new URL("pinrelay-pixel/shopify.extension.toml", EXTENSIONS);
const EMBED_ASSETS = new URL("pinrelay-tag/assets/", EXTENSIONS);

const compiled = new Map<string, string>();

/** A browser's script from TypeScript. */
async function compile(name: string): Promise<string> {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const { transformWithEsbuild } = await import("vite");
  const source = await readFile(new URL(name, BROWSER), "utf8");
  const { code } = await transformWithEsbuild(source, name, { sourcemap: false });
  compiled.set(name, code);
  return code;
}

function script(text: string): Answer {
  return { status: 200, headers: { "content-type": "text/javascript; charset=utf-8" }, text };
}

/** Answers `/storefront/assets/<name>`. */
export async function answerAsset(name: string): Promise<Answer> {
  const [, embedded] = /^embed\/([\w.-]+\.js)$/.exec(name) ?? [];
  if (embedded !== undefined && existsSync(new URL(embedded, EMBED_ASSETS))) {
    return script(readFileSync(new URL(embedded, EMBED_ASSETS), "utf8"));
  }
  if (name === "web-pixel.js") return script(readFileSync(PIXEL_BUNDLE, "utf8"));
  if (name === "storefront.css") {
    const text = readFileSync(new URL(name, BROWSER), "utf8");
    return { status: 200, headers: { "content-type": "text/css; charset=utf-8" }, text };
  }
  if (!/^[\w-]+\.ts$/.test(name) || !existsSync(new URL(name, BROWSER))) {
    return { status: 404, text: "Not found" };
  }
  return script(await compile(name));
}

/** What the pixel declares that it needs. */
export function readPixelPermissions(): PixelPermissions {
  const { customer_privacy: declared = {} } = parse(readFileSync(PIXEL_TOML, "utf8")) as {
    customer_privacy?: Partial<PixelPermissions>;
  };
  const none = { analytics: false, marketing: false, preferences: false } as const;
  return { ...none, sale_of_data: "disabled", ...declared };
}
