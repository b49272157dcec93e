import { startApp, startServers } from "./demo/start-stack.ts";
import { keepRunning } from "./keep-running.ts";

/** `npm run dev`: the app with hot reload between a local Shopify and a local Pinterest. */
const servers = await startServers({ logLevel: "info" });
process.stdout.write(`Admin: ${servers.shopify.url}/store/demo/apps/pinrelay\n`);
process.stdout.write(
  `Online store, once the admin was opened: ${servers.shopify.url}/storefront/demo/\n`,
);
const code = await keepRunning(() => startApp(servers, ["--dev"]));
await servers.close();
process.exit(code);
