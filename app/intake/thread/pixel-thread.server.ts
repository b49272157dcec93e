// The thread that reads, maps, encrypts and stores what pixels send. Started by
// open-store-thread.server.ts.
import os from "node:os";
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import { serveStoreThread } from "./serve-store-thread.server.ts";

/** Connections for the groups in hand, the shops that the next one reads, and the waker. */
const MAX_CONNECTIONS = 4;

// Where processors are short, webhooks go first. On Linux a priority is the thread's own; elsewhere
// it would be that of the whole process.
if (process.platform === "linux") os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);

serveStoreThread(MAX_CONNECTIONS, createPixelStore);
