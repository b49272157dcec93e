// What one would write in an afternoon: node:http and pg. It verifies, parses and commits receipt and
// event of each webhook in one transaction; it maps, hashes, checks and encrypts nothing.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import pg from "pg";
import { openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { serve } from "./serve.ts";

const CONNECTIONS = 20;

const config = parseEnv(process.env);
const db = await openDatabase(config);
const pool = new pg.Pool({ ...db.target, max: CONNECTIONS });
const [secret] = config.SHOPIFY_API_SECRETS;

await pool.query(`create table if not exists plain_receipt (
  shop text not null, webhook_id text not null, topic text not null,
  received_at timestamptz not null default now(), primary key (shop, webhook_id))`);
await pool.query(`create table if not exists plain_event (
  id bigint generated always as identity primary key, shop text not null, order_id text not null,
  body text not null, created_at timestamptz not null default now(), unique (shop, order_id))`);

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function store(request: IncomingMessage): Promise<number> {
  const body = await readAll(request);
  const given = Buffer.from(String(request.headers["x-shopify-hmac-sha256"]), "base64");
  const expected = createHmac("sha256", secret).update(body).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 401;
  const order = JSON.parse(body.toString("utf8"));
  const shop = request.headers["x-shopify-shop-domain"];
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query(
      "insert into plain_receipt (shop, webhook_id, topic) values ($1, $2, $3) on conflict do nothing",
      [shop, request.headers["x-shopify-webhook-id"], request.headers["x-shopify-topic"]],
    );
    await client.query(
      "insert into plain_event (shop, order_id, body) values ($1, $2, $3) on conflict do nothing",
      [shop, String(order.id), body.toString("utf8")],
    );
    await client.query("commit");
    return 200;
  } finally {
    client.release();
  }
}

await serve(async (request, response) => {
  response.statusCode = await store(request).catch(() => 500);
  response.end();
});
