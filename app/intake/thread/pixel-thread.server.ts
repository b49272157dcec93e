// The thread that reads, maps, encrypts and stores what pixels send. Started by
// open-store-thread.server.ts.
import os from "node:os";
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { serveStoreThread } from "./serve-store-thread.server.ts";

/** Connections for the groups in hand, the shops that the next one reads, and the waker. */
const MAX_CONNECTIONS = 4;

serveStoreThread(MAX_CONNECTIONS, (services) => {
  stepBack(services.log);
  return createPixelStore(services);
});

/**
 * Where processors are short, webhooks go first. On Linux a priority is the thread's own; elsewhere
 * it would be that of the whole process.
 */
function stepBack(log: Logger): void {
  if (process.platform !== "linux") return;
  const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = os.constants.priority;
  try {
    // From where the process itself is: a fixed priority could be a higher one.
    os.setPriority(Math.min(os.getPriority() + PRIORITY_BELOW_NORMAL, PRIORITY_LOW));
  } catch (error) {
    // The rules of a container may forbid it.
    log.info({ err: error }, "what pixels send has the same priority as webhooks");
  }
}
