import { setTimeout as wait } from "node:timers/promises";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import { parseRemotes } from "#app/platform/env/env.server.ts";
import { runTask } from "#app/tasks/run-task.server.ts";
import type { OutboxGateway } from "#app/tasks/shop/open-outbox-gateway.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { type CommandContext, CommandError } from "./command.server.ts";

const CLOCK = { nowMs: Date.now, wait: (ms: number) => wait(ms) };

/** Retries of one call end here. */
const DEADLINE_MS = 30_000;

/**
 * Runs a task outside a server: with the caller's token, or through a shop of the database. Each
 * way loads only what it needs, and demo mode needs neither.
 */
export async function runRequest(
  context: CommandContext & { process: { stderr: Terminal } },
  request: TaskRequest,
  shop: string | undefined,
): Promise<TaskDocument> {
  const { PINTEREST_API_URL: apiUrl } = parseRemotes(context.env);
  const pinterest = lazyClient(apiUrl);
  const progress = showProgress(request.isDemo ? { write() {} } : context.process.stderr);
  const run = (gateway: OutboxGateway | null) =>
    runTask(
      {
        pinterest: pinterest.open,
        apiUrl,
        shop: gateway,
        ...CLOCK,
        random: Math.random,
        deadlineMs: DEADLINE_MS,
        onProgress: progress.update,
      },
      request,
    );
  try {
    return shop === undefined || request.isDemo
      ? await run(null)
      : await throughShop(context, shop, run);
  } finally {
    progress.clear();
    await pinterest.close();
  }
}

async function throughShop(
  context: CommandContext,
  domain: string,
  run: (gateway: OutboxGateway) => Promise<TaskDocument>,
): Promise<TaskDocument> {
  const { requireShop, withDatabase } = await import("#app/commands/with-database.server.ts");
  const { createKeyring } = await import("#app/platform/keyring.server.ts");
  const { openOutboxGateway } = await import("#app/tasks/shop/open-outbox-gateway.server.ts");
  return withDatabase(context, async ({ db, config }) => {
    const shop = await requireShop({ db }, domain);
    if (shop.state === "uninstalled") throw uninstalled(domain);
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    return run(openOutboxGateway({ db, keyring, ...CLOCK }, { ...shop, actor: "cli" }));
  });
}

function uninstalled(domain: string): CommandError {
  const message = `The app is not installed in ${domain} any more.`;
  return new CommandError(
    { code: "not_found", message, action: "Install it in the shop again." },
    1,
  );
}

/** Undici and its connections come with the first call. */
function lazyClient(apiUrl: string) {
  let client: Promise<PinterestClient> | undefined;
  const load = async () => {
    const { createPinterestClient } = await import("#app/pinterest/client.server.ts");
    return createPinterestClient({ apiUrl });
  };
  return {
    open(): Promise<PinterestClient> {
      client ??= load();
      return client;
    },
    async close(): Promise<void> {
      await (await client)?.close();
    },
  };
}

/** The part of a terminal that a progress bar needs. */
export interface Terminal {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

interface Progress {
  update(settled: number, total: number): void;
  /** Wipes the bar away: what comes after starts on a clean line. */
  clear(): void;
}

const WIDTH = 30;

/** Shows a progress bar on a terminal; a log gets none. */
function showProgress(terminal: Terminal): Progress {
  if (terminal.isTTY !== true) return { update() {}, clear() {} };
  let shown = "";
  return {
    update(settled, total) {
      const filled = total === 0 ? WIDTH : Math.floor((settled / total) * WIDTH);
      const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${settled} of ${total} events`;
      if (bar === shown) return;
      shown = bar;
      terminal.write(`\r${bar}\u001b[K`);
    },
    clear() {
      if (shown !== "") terminal.write("\r\u001b[K");
      shown = "";
    },
  };
}
