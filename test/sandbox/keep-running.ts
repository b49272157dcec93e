import type { App } from "./demo/start-stack.ts";

/** The app in development ends with this code when code changed that only a new process sees. */
const RESTART_EXIT_CODE = 75;

/**
 * Runs the app until it ends for another reason than a change of its code, and gives its exit code.
 * `node --watch` would restart for ever, because it sees Vite's own temporary files.
 */
export async function keepRunning(start: () => Promise<App>): Promise<number> {
  let app: App | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app?.stop());
  let code: number | null = RESTART_EXIT_CODE;
  while (code === RESTART_EXIT_CODE) {
    app = await start();
    code = await app.exit;
  }
  return code ?? 1;
}
