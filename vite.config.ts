import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { vitePlugin as remix } from "@remix-run/dev";
import { defineConfig, type Plugin } from "vite";
import { buildExtensions } from "./extensions/build-extensions.ts";

/** Writes each script and style compressed as well: Polaris alone is 444 kB, then 52. */
function compressAssets(): Plugin {
  return {
    name: "compress-assets",
    apply: "build",
    writeBundle({ dir = "" }, bundle) {
      if (path.basename(dir) !== "client") return;
      for (const name of Object.keys(bundle).filter((file) => /\.(js|css)$/.test(file))) {
        const file = path.join(dir, name);
        const text = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(text));
      }
    },
  };
}

/** The scripts of the extensions are no part of the admin: they are built beside it. */
function bundleExtensions(): Plugin {
  return {
    name: "bundle-extensions",
    apply: "build",
    async buildStart() {
      if (this.environment.name !== "client") return;
      for (const size of await buildExtensions()) this.info(size);
    },
  };
}

/**
 * The server's part of the pages takes in what it uses of Shopify's packages: to load them whole, file
 * by file, is half of what the first page of a process costs.
 */
function bundleShopify(): Plugin {
  return {
    name: "bundle-shopify",
    apply: "build",
    config: () => ({ ssr: { noExternal: [/^@shopify\//] } }),
  };
}

export default defineConfig({
  plugins: [
    remix({
      future: {
        v3_fetcherPersist: true,
        v3_lazyRouteDiscovery: false,
        v3_relativeSplatPath: true,
        v3_routeConfig: true,
        // Shopify's library throws Responses that carry headers; single fetch would drop them.
        v3_singleFetch: false,
        v3_throwAbortReason: true,
      },
    }),
    compressAssets(),
    bundleExtensions(),
    bundleShopify(),
  ],
  // A data: URL would need an exception in a content security policy.
  build: { assetsInlineLimit: 0 },
  optimizeDeps: {
    // Found late, each of these makes the first page of `npm run dev` load twice.
    include: [
      "@remix-run/react",
      "@shopify/polaris",
      "@shopify/polaris-icons",
      "@shopify/shopify-app-remix/react",
      "@shopify/shopify-app-remix/server",
      "react-dom/client",
    ],
  },
});
