import type { OutboxGateway, ShopConnection } from "./shop/create-outbox-gateway.server.ts";
import type { TaskError } from "./task-document.server.ts";
import { inputError, taskError } from "./task-error.server.ts";
import type { TaskRequest } from "./task-request.server.ts";

/** The target of a task, and the token or connection that it uses. */
export type Target =
  | { kind: "demo"; adAccountId: string; isTest: boolean }
  | DirectTarget
  /** Through the outbox: durable, and sent by the worker. */
  | { kind: "outbox"; adAccountId: string; gateway: OutboxGateway; isPaused: boolean };

export interface DirectTarget {
  kind: "direct";
  adAccountId: string;
  token: string;
  /** The caller's own, not that of the shop's connection. */
  isOwnToken: boolean;
  isTest: boolean;
}

export type Choice = { ok: true; target: Target } | { ok: false; error: TaskError };

type TaskOptions = Pick<
  TaskRequest,
  "accessToken" | "adAccountId" | "isTest" | "isDemo" | "rows"
> & {
  /** True if the task sends events; otherwise it reads tags. */
  isSending: boolean;
};

/** Stands in demo mode for the ad account that was not named. */
const DEMO_AD_ACCOUNT = "549755885175";

/** Pinterest looks at no more events of a test request than these. */
const MOST_TESTED = 20;

/** `gateway` is null where there is no shop. */
export async function chooseTarget(
  gateway: OutboxGateway | null,
  options: TaskOptions,
): Promise<Choice> {
  const { isDemo, isTest, accessToken, adAccountId } = options;
  if (isTest && options.rows.length > MOST_TESTED) {
    return faulty("events", `must be at most ${MOST_TESTED}: Pinterest tests no more at once`);
  }
  if (isDemo) {
    return chosen({ kind: "demo", adAccountId: adAccountId ?? DEMO_AD_ACCOUNT, isTest });
  }
  if (accessToken === null && gateway === null) {
    return { ok: false, error: taskError("missing_token", "token_missing", {}) };
  }
  const connection = needsConnection(options) ? ((await gateway?.connection()) ?? null) : null;
  if (accessToken === null) return throughConnection(gateway as OutboxGateway, connection, options);
  const ownAccountId = adAccountId ?? connection?.adAccountId;
  if (ownAccountId === undefined) {
    return faulty("adAccountId", "is missing: the ad account that the token belongs to");
  }
  const own = { token: accessToken, isOwnToken: true, isTest };
  return chosen({ kind: "direct", adAccountId: ownAccountId, ...own });
}

function needsConnection({ accessToken, adAccountId }: TaskOptions): boolean {
  return accessToken === null || adAccountId === null;
}

function throughConnection(
  gateway: OutboxGateway,
  connection: ShopConnection | null,
  { adAccountId: wanted, isTest, isSending }: TaskOptions,
): Choice {
  if (connection === null) {
    return { ok: false, error: taskError("missing_token", "not_connected", {}) };
  }
  const { adAccountId } = connection;
  const token = isSending ? connection.sendingToken : connection.token;
  if (wanted !== null && wanted !== adAccountId) {
    return faulty("adAccountId", "is not the store's ad account: give its accessToken as well");
  }
  const isPaused = connection.state === "paused";
  if (isSending && !isTest) return chosen({ kind: "outbox", adAccountId, gateway, isPaused });
  if (isPaused) return { ok: false, error: taskError("unauthorized", "paused", {}) };
  return chosen({ kind: "direct", adAccountId, token, isOwnToken: false, isTest });
}

function chosen(target: Target): Choice {
  return { ok: true, target };
}

function faulty(path: string, message: string): Choice {
  return { ok: false, error: inputError([{ path, message }]) };
}
