import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectShop } from "#app/commands/shops.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { type AppProcess, startApp } from "#test/support/app-process.ts";
import { prepareCluster } from "#test/support/prepared-cluster.ts";

export const SHOP = "demo.myshopify.com";
export const AD_ACCOUNT = "549755885175";

/** The app as `npm start` runs it, between a local Shopify and a local Pinterest. */
export interface LocalStack {
  app: AppProcess;
  shopify: LocalShopify;
  pinterest: LocalPinterest;
  /** Where the app's embedded database is. */
  dataDir: string;
  /** The app's environment. */
  env: Record<string, string>;
  /** Delivers a signed order that was placed a moment ago. */
  deliverOrder(id: number): Promise<void>;
  /** The command `pinrelay shop connect`, which whoever runs the app types. */
  connect(): Promise<void>;
  close(): Promise<void>;
}

/** `more`: what the app's environment has besides. */
export async function startLocalStack(more: Record<string, string> = {}): Promise<LocalStack> {
  const folder = mkdtempSync(path.join(tmpdir(), "pinrelay-e2e-"));
  await prepareCluster(folder);
  const shopify = await startLocalShopify({
    apiKey: "sandbox-key",
    apiSecret: "sandbox-secret",
    // What a busy machine refuses comes again within the test's patience.
    timeScale: 0.001,
  });
  const pinterest = await startLocalPinterest({});
  const env = {
    SHOPIFY_SANDBOX_URL: shopify.url,
    PINTEREST_API_URL: pinterest.url,
    PINTEREST_OAUTH_URL: pinterest.oauthUrl,
    PINTEREST_CLIENT_ID: pinterest.oauthClient.id,
    PINTEREST_CLIENT_SECRET: pinterest.oauthClient.secret,
    DATA_DIR: folder,
    ...more,
  };
  const app = await startApp(env);
  let exitCode: number | null = null;
  void app.ended.then((code) => {
    exitCode = code;
  });
  shopify.setAppUrl(app.url);
  return {
    app,
    shopify,
    pinterest,
    dataDir: folder,
    env,
    async deliverOrder(id) {
      const { status } = await shopify.deliver("orders/create", SHOP, orderBody({ id }));
      if (status !== 200) throw new Error(`the order was answered ${status}`);
    },
    async connect() {
      const shop = { shop: SHOP, adAccount: AD_ACCOUNT, tokenEnv: "PINTEREST_TOKEN" };
      await connectShop({ env: { ...env, PINTEREST_TOKEN: "pina_e2e_token" } }, shop);
    },
    async close() {
      // An app that has given up is why the tests failed, and its log says why it has.
      const gaveUp = exitCode !== null && exitCode !== 0;
      await app.kill("SIGTERM");
      await shopify.close();
      await pinterest.close();
      rmSync(folder, { recursive: true });
      if (gaveUp) throw new Error(`the app ended by itself:\n${app.output()}`);
    },
  };
}
