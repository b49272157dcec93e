import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const FOLDER = fileURLToPath(new URL("pinrelay-pixel", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../build/pixel/pinrelay-pixel.js", import.meta.url));

/** Every page of a shop loads it. Shopify itself stops at 128 kB. */
const MOST_BYTES = 8_000;

/** The bundle of the web pixel is bigger than a shop's pages should have to carry. */
export class PixelTooBigError extends Error {
  override name = "PixelTooBigError";
  code = "pixel_too_big";
}

/**
 * Bundles the web pixel as Shopify's command line does, byte for byte: the local Shopify runs what
 * stores will run. Returns where it is, and how big.
 */
export async function buildPixel(): Promise<{ file: string; summary: string }> {
  await build({
    stdin: { contents: "import './src/index.ts';", resolveDir: FOLDER, loader: "tsx" },
    outfile: OUTPUT,
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
  const bundle = readFileSync(OUTPUT);
  const summary = `${bundle.length} bytes (${gzipSync(bundle).length} gzipped)`;
  if (bundle.length > MOST_BYTES) {
    throw new PixelTooBigError(`The web pixel has ${summary}, and may have ${MOST_BYTES}`);
  }
  const name = path.relative(process.cwd(), OUTPUT);
  return { file: OUTPUT, summary: `${name}: ${summary} of ${MOST_BYTES}` };
}
