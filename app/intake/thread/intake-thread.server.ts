// The thread that reads, maps, encrypts and stores webhooks, so that the process's main thread is
// free to receive the next ones. Started by open-store-thread.server.ts.
import { createSerializer } from "#app/intake/serializer.server.ts";
import {
  type StoredAs,
  storeWebhooks,
  type VerifiedWebhook,
} from "#app/intake/store-webhooks.server.ts";
import { serveStoreThread } from "./serve-store-thread.server.ts";

/**
 * Connections for the groups in hand, the shops that the next one reads, the waker, and shops whose
 * rows are locked.
 */
const MAX_CONNECTIONS = 8;

serveStoreThread<VerifiedWebhook, StoredAs>(MAX_CONNECTIONS, (services) => {
  const serialize = createSerializer();
  return (webhooks, patience) => storeWebhooks({ ...services, serialize }, webhooks, patience);
});
