import { randomBytes } from "node:crypto";
import path from "node:path";
import pg from "pg";
import { expect, inject } from "vitest";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { databaseUrl, TEMPLATE } from "./postgres-server.ts";

/** A database of the test file's own, and its URL for processes that the test starts. */
export interface TestDatabase extends Database {
  url: string;
}

/**
 * Copies the migrated template. Call it once per test file, in `beforeAll`, and close it in
 * `afterAll`. The database bears the file's name; it goes with the whole server after the run,
 * unless a test failed.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const url = await createTestDatabase(TEMPLATE);
  const db = await openDatabase({ DATABASE_URL: url, DATA_DIR: "unused" });
  return { ...db, url };
}

/** The URL of a new database; without a template it has no tables. */
export async function createTestDatabase(template = "template0"): Promise<string> {
  const folder = inject("postgresFolder");
  const file = path.basename(expect.getState().testPath ?? "test", ".test.ts");
  const name = `${file.replaceAll(/\W+/g, "_")}_${randomBytes(4).toString("hex")}`.toLowerCase();
  const admin = new pg.Client({ connectionString: databaseUrl(folder, "postgres") });
  await admin.connect();
  try {
    await admin.query(`create database ${name} template ${template}`);
  } finally {
    await admin.end();
  }
  return databaseUrl(folder, name);
}
