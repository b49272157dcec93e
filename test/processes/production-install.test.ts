import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "#app/platform/postgres/embedded-postgres.server.ts";
import { freePort } from "#test/support/app-process.ts";
import { eventually } from "#test/support/poll.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { sandboxEnv } from "./sandbox-app.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";

let folder: DataFolder;
let home: string;
/** Owns the database, which an installation without the optional packages cannot start. */
let owner: EmbeddedPostgres;

beforeAll(async () => {
  folder = await makeDataFolder({ isPrepared: true });
  home = await mkdtemp(path.join(tmpdir(), "pinrelay-image-"));
  owner = await startEmbeddedPostgres(folder.dataDir);
});
afterAll(async () => {
  await owner.stop();
  await folder.remove();
  await rm(home, { recursive: true, force: true });
});

/** The last stage of the Dockerfile, line by line, in a folder that was empty. */
async function buildLastStage(): Promise<string[]> {
  const dockerfile = await readFile(path.join(ROOT, "Dockerfile"), "utf8");
  const stage = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
  for (const [, instruction, text = ""] of stage.matchAll(
    /^(COPY|RUN) (?:--from=build )?(.+)$/gm,
  )) {
    const words = text.split(" ");
    if (instruction === "RUN") {
      await run("npm", words.slice(1), { cwd: home });
      continue;
    }
    for (const source of words.slice(0, -1)) {
      const name = source.replace("/pinrelay/", "");
      await cp(path.join(ROOT, name), path.join(home, name), { recursive: true });
    }
  }
  return JSON.parse(/^CMD (.*)$/m.exec(stage)?.[1] ?? "[]");
}

test("what the image holds is enough: it starts in an empty folder and answers", async () => {
  const [, ...args] = await buildLastStage();
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const place = { DATA_DIR: path.join(home, "nothing"), DATABASE_URL: folder.databaseUrl };
  const env = sandboxEnv({ url: "http://127.0.0.1:9/v5" }, place);
  const app = spawn(process.execPath, args, {
    cwd: home,
    env: { PATH: "/usr/bin:/bin", ...env, PORT: port, LINGER_SECONDS: "0" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = once(app, "close");
  await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), {
    deadlineMs: 90_000,
  });
  const webhook = await fetch(`${url}/webhooks`, { method: "POST", body: "{}" });
  expect(webhook.status).toBe(401);
  // A stranger is asked for the store, by a page whose styles the installation has.
  const page = await fetch(`${url}/auth/login`, { headers: { "User-Agent": BROWSER } });
  expect(page.status).toBe(200);
  const style = /href="(\/assets\/[^"]+\.css)"/.exec(await page.text())?.[1];
  expect((await fetch(`${url}${style}`)).status).toBe(200);
  app.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});
