import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createApiKey } from "#app/shops/api-keys.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { deliverDue, openDelivery } from "#test/support/delivery-fixture.ts";
import { runScript, type ScriptRun } from "#test/support/run-script.ts";
import { startTaskApi } from "#test/support/task-api.ts";

export interface ExampleWorld {
  /** Runs a command as somebody would who reads the page. Its two streams come as one. */
  run(command: string): Promise<ScriptRun>;
  close(): Promise<void>;
}

const ACCOUNT = "549755885175";
const DOMAIN = "my-store.myshopify.com";
const API_URL = "https://pinrelay.example.com/api/v1/tasks";
const PINTEREST = "https://api.pinterest.com/v5";
const TOKEN = "pina_of_the_examples";
const TAG = {
  id: "2612345678901",
  name: "Online store",
  code_snippet: "<script>pintrk('load', '2612345678901'); pintrk('page');</script>",
};
const pinrelay = fileURLToPath(new URL("../../../app/pinrelay.mjs", import.meta.url));
const curl = fileURLToPath(new URL("./curl.ts", import.meta.url));
const POLL_MS = 50;

/**
 * What the examples of the docs speak of: a store that is connected, an app that serves the API and
 * sends, a Pinterest; and in a folder of their own, `npx pinrelay`, `curl` and the page's files.
 */
export async function openExampleWorld(files: ReadonlyMap<string, string>): Promise<ExampleWorld> {
  const pinterest = await startLocalPinterest();
  pinterest.directory.addAccount({ id: ACCOUNT });
  pinterest.directory.addToken(TOKEN);
  Object.assign(pinterest.directory.tags(ACCOUNT)[0] ?? {}, TAG);
  const db = await openTestDatabase();
  const key = randomBytes(32);
  const keyring = createKeyring([{ id: "k1", key }]);
  await installShop({ db }, { domain: DOMAIN });
  const connection = { domain: DOMAIN, adAccountId: ACCOUNT, token: TOKEN, actor: "test" };
  await connectAdAccount({ db, keyring }, connection);
  const delivery = openDelivery({ db, keyring, pinterestUrl: pinterest.url });
  const worker = startWorker(() => deliverDue(delivery));
  const api = await startTaskApi({ db, keyring }, pinterest.url);
  const folder = await makeFolder(files);
  const env = {
    PATH: `${path.join(folder, "bin")}:/usr/bin:/bin`,
    PINRELAY_ENV_FILE: "none",
    PINTEREST_API_URL: pinterest.url,
    DATABASE_URL: db.url,
    ENCRYPTION_KEYS: `k1:${key.toString("base64")}`,
    PINTEREST_TOKEN: TOKEN,
    PINRELAY_KEY: await createApiKey({ db }, { domain: DOMAIN, name: "docs", actor: "test" }),
    API_URL,
    LOCAL_API_URL: api.url,
  };
  return {
    async run(command) {
      const { exitCode, output } = await runScript(command, folder, env);
      return { exitCode, output: output.replaceAll(pinterest.url, PINTEREST) };
    },
    async close() {
      await worker.stop();
      await api.close();
      await delivery.close();
      await pinterest.close();
      await db.close();
      await rm(folder, { recursive: true });
    },
  };
}

function startWorker(turn: () => Promise<unknown>): { stop(): Promise<void> } {
  let isRunning = true;
  const work = (async () => {
    while (isRunning) {
      await turn();
      await wait(POLL_MS);
    }
  })();
  return {
    stop() {
      isRunning = false;
      return work;
    },
  };
}

async function makeFolder(files: ReadonlyMap<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "pinrelay-examples-"));
  const bin = path.join(folder, "bin");
  await mkdir(bin);
  // Npx would look for the package in the folder it runs in; not every machine has curl.
  const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" "${pinrelay}" "$@"\n`;
  await writeFile(path.join(bin, "npx"), npx, { mode: 0o755 });
  const web = `#!/bin/sh\nexec "${process.execPath}" "${curl}" "$@"\n`;
  await writeFile(path.join(bin, "curl"), web, { mode: 0o755 });
  for (const [name, content] of files) await writeFile(path.join(folder, name), content);
  return folder;
}
