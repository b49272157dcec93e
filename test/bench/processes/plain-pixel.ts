// What one would write in an afternoon for `/pixel`: node:http and pg. It parses each event and
// commits it in one transaction; it limits, checks, maps, hashes, joins and encrypts nothing.
import pg from "pg";
import { openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { serve } from "./serve.ts";

const CONNECTIONS = 20;

const db = await openDatabase(parseEnv(process.env));
const pool = new pg.Pool({ ...db.target, max: CONNECTIONS });

await pool.query(`create table if not exists plain_pixel (
  id bigint generated always as identity primary key, shop text not null, event_id text not null,
  name text not null, body text not null, created_at timestamptz not null default now(),
  unique (shop, event_id))`);

await serve(async (request, response) => {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const { shop, event } = JSON.parse(body);
    const client = await pool.connect();
    try {
      await client.query("begin");
      await client.query(
        "insert into plain_pixel (shop, event_id, name, body) values ($1, $2, $3, $4) on conflict do nothing",
        [shop, event.id, event.name, body],
      );
      await client.query("commit");
    } finally {
      client.release();
    }
    response.statusCode = 202;
  } catch {
    response.statusCode = 500;
  }
  response.end();
});
