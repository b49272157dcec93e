import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const PIXEL = fileURLToPath(new URL("pinrelay-pixel", import.meta.url));
export const PIXEL_BUNDLE = fileURLToPath(
  new URL("../build/pixel/pinrelay-pixel.js", import.meta.url),
);
const THEME_SCRIPT = fileURLToPath(new URL("pinrelay-tag/assets/pinrelay-tag.js", import.meta.url));

/** Every page of a shop loads both. Shopify itself stops at 128 kB. */
const MOST_BYTES = new Map([
  [PIXEL_BUNDLE, 8_000],
  [THEME_SCRIPT, 7_500],
]);

/** A script that shoppers load is bigger than a shop's pages should have to carry. */
export class ScriptTooBigError extends Error {
  override name = "ScriptTooBigError";
  code = "script_too_big";
}

/**
 * Bundles the web pixel as Shopify's command line does, byte for byte, so that the local Shopify runs
 * what stores will run. Returns how big the scripts are that shoppers load.
 */
export async function buildExtensions(): Promise<string[]> {
  await build({
    stdin: { contents: "import './src/index.ts';", resolveDir: PIXEL, loader: "tsx" },
    outfile: PIXEL_BUNDLE,
    bundle: true,
    minify: true,
    target: "es6",
    jsx: "automatic",
    legalComments: "none",
    logLevel: "error",
    loader: { ".esnext": "ts", ".js": "jsx" },
    resolveExtensions: [".tsx", ".ts", ".js", ".json", ".esnext", ".mjs", ".ejs"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return [...MOST_BYTES].map(([file, most]) => describeSize(file, readFileSync(file), most));
}

/** @throws ScriptTooBigError */
export function describeSize(file: string, script: Buffer, mostBytes: number): string {
  const name = path.basename(file);
  const size = `${name}: ${script.length} bytes of ${mostBytes}`;
  if (script.length > mostBytes) throw new ScriptTooBigError(`Too big for a shop's pages: ${size}`);
  return `${size}, ${gzipSync(script).length} gzipped`;
}
