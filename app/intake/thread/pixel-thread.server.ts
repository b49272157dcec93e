// The thread that reads, maps, encrypts and stores what pixels send. Started by
// open-store-thread.server.ts.
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import { serveStoreThread } from "./serve-store-thread.server.ts";

/** Connections for the groups in hand, the shops that the next one reads, and the waker. */
const MAX_CONNECTIONS = 4;

serveStoreThread(MAX_CONNECTIONS, createPixelStore);
