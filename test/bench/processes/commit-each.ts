// The app's intake without its group: the same checks, reading, mapping and statements, in a
// transaction per webhook, as many at once as the pool has connections.
import type { IncomingMessage } from "node:http";
import { createSerializer } from "#app/intake/serializer.server.ts";
import { storeWebhooks } from "#app/intake/store-webhooks.server.ts";
import { checkSignature } from "#app/intake/verify-webhook.server.ts";
import { readWebhookHeaders } from "#app/intake/webhook-headers.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import { readBody } from "#app/platform/bodies/read-body.server.ts";
import { openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createGate } from "./gate.ts";
import { serve } from "./serve.ts";

const MAX_BODY_BYTES = 8 * 1024 * 1024;

const config = parseEnv(process.env);
const db = await openDatabase(config);
const log = createLogger("warn");
const services = {
  db,
  keyring: createKeyring(config.ENCRYPTION_KEYS),
  log,
  waker: createWaker({ db, log }),
  nowMs: Date.now,
  serialize: createSerializer(),
};
const bodies = createByteBudget();
const gate = createGate(db.pool.options.max);

async function store(request: IncomingMessage): Promise<number> {
  const given = request.headers["x-shopify-hmac-sha256"]?.toString();
  const signature = checkSignature(given, config.SHOPIFY_API_SECRETS);
  const share = bodies.open();
  const read = await readBody(request, {
    maxBytes: MAX_BODY_BYTES,
    share,
    onPiece: (piece) => signature?.update(piece),
  }).finally(share.release);
  if (read.kind !== "whole") return 413;
  if ((signature?.findSecret() ?? -1) === -1) return 401;
  const headers = readWebhookHeaders(request.headers);
  if (!headers.ok) return 400;
  const [stored] = await gate(() =>
    storeWebhooks(services, [{ headers: headers.headers, body: read.body }]),
  );
  return stored === "stored" ? 200 : 503;
}

await serve(async (request, response) => {
  response.statusCode = await store(request).catch(() => 500);
  response.end();
});
