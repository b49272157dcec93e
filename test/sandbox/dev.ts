import { type App, startApp, startServers } from "./demo/start-stack.ts";

/**
 * `npm run dev`: the app with hot reload between a local Shopify and a local Pinterest. The app ends
 * with this code when code changed that only a new process sees; `node --watch` would restart for
 * ever, because it sees Vite's own temporary files.
 */
const RESTART_EXIT_CODE = 75;

const servers = await startServers({ logLevel: "info" });
process.stdout.write(`Admin: ${servers.shopify.url}/store/demo/apps/pinrelay\n`);

let app: App | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app?.stop());

let code: number | null = RESTART_EXIT_CODE;
while (code === RESTART_EXIT_CODE) {
  app = await startApp(servers, ["--dev"]);
  code = await app.exit;
}
await servers.close();
process.exit(code ?? 1);
