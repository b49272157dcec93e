import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import { parseRemotes } from "#app/platform/env/env.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import { runTask } from "#app/tasks/run-task.server.ts";
import type { OutboxGateway } from "#app/tasks/shop/create-outbox-gateway.server.ts";
import {
  type TaskDocument,
  type TaskError,
  type TaskName,
  toExitCode,
} from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { type CommandContext, CommandError, type CommandResult } from "./command.server.ts";
import { describeDocument } from "./describe-document.server.ts";
import {
  applyFlags,
  readInput,
  readWebhookSecret,
  type TaskFlags,
  unusableInput,
} from "./read-input.server.ts";

interface TaskContext extends CommandContext {
  /** Streams are touched when they are needed, not before: opening stdin has a cost. */
  process: { readonly stdin: AsyncIterable<Uint8Array>; readonly stderr: Terminal };
}

/** `pinrelay send_event` and its three siblings: every failure is the task's document, too. */
export async function runTaskCommand(
  context: TaskContext,
  task: TaskName,
  flags: TaskFlags,
): Promise<CommandResult> {
  try {
    return await readAndRun(context, task, flags);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return failed(task, error.failure as TaskError, error.exitCode);
  }
}

async function readAndRun(
  context: TaskContext,
  task: TaskName,
  flags: TaskFlags,
): Promise<CommandResult> {
  const input = await readInput(task, flags, () => context.process.stdin);
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const given = applyFlags(context, input.value, flags);
  const read = await readTaskInput(given, { nowSeconds, task, broken: input.broken });
  if (!read.ok) return failed(task, read.error, 2);
  const { request } = read;
  const callBack = await planCallback(context, request, flags);
  const document = await runRequest(context, request, flags.shop);
  return conclude(document, await callBack(document), input.lines);
}

function conclude(
  document: TaskDocument,
  callback: Callback | null,
  lines: readonly number[],
): CommandResult {
  const { text, complaint } = describeDocument(document, lines);
  const complaints = [complaint, callback?.text].filter((part) => part !== undefined);
  const exitCode = toExitCode(document);
  return {
    json: callback === null ? document : withCallback(document, callback),
    text,
    ...(complaints.length > 0 && { complaint: complaints.join("\n") }),
    exitCode: exitCode === 0 && callback?.isFailure ? 1 : exitCode,
  };
}

/** `ok` says of all that was asked for whether it was done. */
function withCallback(document: TaskDocument, { json, isFailure }: Callback): object {
  return { ...document, ok: document.ok && !isFailure, callback: json };
}

function failed(task: TaskName, error: TaskError, exitCode: 1 | 2): CommandResult {
  const document: TaskDocument = { task, ok: false, error };
  return { json: document, exitCode, ...describeDocument(document) };
}

/** The outcome of posting the document. */
interface Callback {
  /** The value of the document's `callback`. */
  json: { delivered: boolean; attempts?: number; message?: string };
  text: string;
  isFailure: boolean;
}

type CallBack = (document: TaskDocument) => Promise<Callback | null>;

/**
 * Checks where the document goes before anything is sent, and gives what posts it there afterwards.
 *
 * @throws CommandError
 */
async function planCallback(
  context: CommandContext,
  { webhookUrl: url, isDemo }: TaskRequest,
  flags: TaskFlags,
): Promise<CallBack> {
  const secret = readWebhookSecret(context, flags);
  if (url === null) return async () => null;
  const allowLoopback = parseRemotes(context.env).SHOPIFY_SANDBOX_URL !== undefined;
  const { checkCallbackUrl } = await import("#app/tasks/callback/check-callback-url.server.ts");
  const fault = checkCallbackUrl(url, { allowLoopback });
  if (fault !== null) throw unusableInput([{ path: "webhookUrl", message: fault }]);
  if (isDemo) return async () => notInDemo;
  return async (document) => {
    const { postCallback } = await import("#app/tasks/callback/attempt-callback.server.ts");
    const id = `msg_${randomUUID().replaceAll("-", "")}`;
    const posted = await postCallback(
      { allowLoopback, wait: (ms: number) => wait(ms) },
      { url, secret, id, document },
    );
    return posted.ok ? delivered(posted.attempts) : undelivered(posted.why);
  };
}

const notInDemo: Callback = {
  json: { delivered: false, message: "Demo mode posts nothing." },
  text: "Demo: nothing was posted to webhookUrl.",
  isFailure: false,
};

function delivered(attempts: number): Callback {
  const json = { delivered: true, attempts };
  return { json, text: "The result was posted to webhookUrl.", isFailure: false };
}

function undelivered(why: string): Callback {
  const json = { delivered: false, message: why };
  return { json, text: `The result could not be posted to webhookUrl: ${why}`, isFailure: true };
}

const CLOCK = { nowMs: Date.now, wait: (ms: number) => wait(ms) };

/** Retries of one call end here. */
const DEADLINE_MS = 30_000;

/**
 * Runs a task outside a server: with the caller's token, or through a shop of the database. Each
 * way loads only what it needs, and demo mode needs neither.
 */
async function runRequest(
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
  const { createOutboxGateway } = await import("#app/tasks/shop/create-outbox-gateway.server.ts");
  return withDatabase(context, async ({ db, config }) => {
    const shop = await requireShop({ db }, domain);
    if (shop.state === "uninstalled") throw uninstalled(domain);
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    return run(createOutboxGateway({ db, keyring, ...CLOCK }, { ...shop, actor: "cli" }));
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
