import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { CommandContext } from "#app/commands/command.server.ts";
import { parseRemotes } from "#app/platform/env/env.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { readWebhookSecret, type TaskFlags } from "./task-flags.server.ts";
import { unusableInput } from "./unusable-input.server.ts";

/** What became of posting the document. */
export interface Callback {
  /** As it stands in the document, under `callback`. */
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
export async function planCallback(
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
    const { postCallback } = await import("#app/tasks/callback/post-callback.server.ts");
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
