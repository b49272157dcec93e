import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { openDatabase } from "#app/platform/db.server.ts";
import { databaseUrl } from "./postgres-server.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const KEPT = path.join(ROOT, "node_modules/.cache/test-clusters");
/** What makes a cluster: another one is made when any of it changes. */
const SOURCES = ["package-lock.json", "app/platform/postgres/postgres-process.server.ts"];

const copy = (from: string, to: string) => promisify(execFile)("cp", ["-a", from, to]);

/**
 * Puts a migrated database into a DATA_DIR, as the app's first start would: to make one takes
 * seconds of a processor, to copy one a tenth of that. It does not wait for the disk, which matters
 * where the machine loses its power, and not where processes are killed.
 */
export async function prepareCluster(dataDir: string): Promise<void> {
  const kept = path.join(KEPT, await fingerprint());
  if (!existsSync(kept)) await makeCluster(kept);
  await mkdir(dataDir, { recursive: true });
  await copy(path.join(kept, "pg"), dataDir);
}

async function fingerprint(): Promise<string> {
  const migrations = path.join(ROOT, "prisma/migrations");
  const names = (await readdir(migrations, { recursive: true })).filter((name) =>
    name.endsWith(".sql"),
  );
  const files = [...SOURCES, ...names.sort().map((name) => path.join("prisma/migrations", name))];
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n${await readFile(path.join(ROOT, file))}`);
  return hash.digest("hex").slice(0, 16);
}

/** Several processes may do so at once: one is the first. */
async function makeCluster(kept: string): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), "pinrelay-cluster-"));
  const db = await openDatabase({ DATA_DIR: home });
  const superuser = new pg.Client({
    connectionString: databaseUrl(path.join(home, "pg"), "postgres"),
  });
  await superuser.connect();
  await superuser.query("alter system set fsync = off");
  await superuser.end();
  await db.close();
  const draft = `${kept}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  await copy(path.join(home, "pg"), draft);
  await rm(home, { recursive: true });
  await rename(draft, kept).catch(async (error: NodeJS.ErrnoException) => {
    if (!["ENOTEMPTY", "EEXIST"].includes(error.code ?? "")) throw error;
    await rm(draft, { recursive: true });
  });
}
