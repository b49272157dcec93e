import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { NoticeName } from "#app/events/notices/notices.ts";
import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { resumeIn, TESTABLE_PAUSES } from "./pause-connection.server.ts";
import { type Connection, readConnection } from "./read-connection.server.ts";
import { refreshConnection } from "./renew-sign-ins.server.ts";
import { sendTestEvent, type TestVerdict } from "./send-test-event.server.ts";

/** `passed`, or the entry of the error catalogue that says what failed. */
export type TestResult = "passed" | NoticeName;

export type ConnectionTest =
  | { kind: "not_connected" }
  /** Pinterest took no test now: ask again after so many seconds. */
  | { kind: "wait"; seconds: number }
  /** `detail`: Pinterest's words, where the result needs them. `hasResumed`: the connection sends again. */
  | {
      kind: "tested";
      result: TestResult;
      adAccountId: string;
      detail: string;
      hasResumed: boolean;
    };

interface Services {
  db: Pick<Database, "pool" | "queryAsShop" | "transaction">;
  keyring: Keyring;
  pinterest: Pick<PinterestClient, "sendEvents" | "refreshOAuthToken">;
  nowMs: () => number;
}

/** The conversion token, the sign-in's, and a new one of it. */
const MOST_TOKENS = 3;

/**
 * Sends one test event as events are sent, with the same fallback from a refused token to the next,
 * and notes the result. A connection that was paused because Pinterest refused it sends again when
 * it passes; one that a person paused stays paused.
 */
export async function testConnection(
  services: Services,
  shop: { id: bigint; domain: string },
  actor: string,
): Promise<ConnectionTest> {
  let refused: string | null = null;
  for (let tokens = 1; ; tokens += 1) {
    const connection = await readConnection(services, shop);
    if (connection === null) return { kind: "not_connected" };
    const { adAccountId } = connection;
    // A conversion token that was refused is passed over: the sign-in's comes next.
    const token: string = refused === null ? connection.sendingToken : connection.token;
    const answer = await sendTestEvent(services, { adAccountId, token, domain: shop.domain });
    if (answer.kind === "limited") return { kind: "wait", seconds: answer.seconds };
    if (answer.kind === "unauthorized" && tokens < MOST_TOKENS) {
      refused = token;
      if (token !== connection.token) continue;
      const next = await refreshConnection(services, shop.id, token, { evenPaused: true });
      if (next === "changed" || next === "refreshed") continue;
    }
    const result = toTestResult(answer, connection);
    // The system asks every hour: that a pause goes on is no news.
    const isNews = actor !== "system" || result === "passed";
    const hasResumed = isNews && (await recordResult(services, shop.id, result, actor));
    if (hasResumed) await assignAccountToWaitingEvents(services, shop.id);
    const detail = "message" in answer ? answer.message : "";
    return { kind: "tested", result, adAccountId, detail, hasResumed };
  }
}

function toTestResult(answer: TestVerdict, { kind }: Pick<Connection, "kind">): TestResult {
  switch (answer.kind) {
    case "processed":
      return "passed";
    case "failed":
      return "event_refused";
    case "unauthorized":
      return "connection_refused";
    case "forbidden":
      // With a pasted token the account may be mistyped; with a sign-in it was chosen from a list.
      return kind === "sign_in" ? "role_missing" : "wrong_account";
    case "not_found":
      return "wrong_account";
    case "down":
      return "pinterest_down";
    case "unreadable":
      return "answer_unreadable";
  }
}

/** Returns whether the connection sends again by it. */
async function recordResult(
  { db }: Pick<Services, "db">,
  shopId: bigint,
  result: TestResult,
  actor: string,
): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ is_refused: boolean }>(
      `update connection set tested_at = now(), test_result = $2, updated_at = now()
        where shop_id = $1
        returning state = 'paused'
          and pause_reason = any($3) as is_refused`,
      [shopId, result, TESTABLE_PAUSES],
    );
    const row = rows[0];
    if (row === undefined) return false;
    await writeAuditEntry(client, { shopId, actor, action: "connection.test", after: { result } });
    return result === "passed" && row.is_refused ? resumeIn(client, shopId, actor) : false;
  });
}

/** Hourly for a day, then daily: what is not mended by then waits for the merchant. */
const HOURLY_RETESTS = 24;
/** Shops of one run: at less than ten test requests a second they take a minute. */
const PAGE = 200;

/**
 * Connections that the system paused and whose hour has come to be tried again, the longest waiting
 * first. Each is put off in the same statement, so that no fault in one makes a run of it.
 */
export async function claimDueRetests({
  db,
}: {
  db: Pick<Database, "pool">;
}): Promise<{ id: bigint; domain: string }[]> {
  const { rows } = await db.pool.query<{ id: bigint; domain: string }>(
    `update connection c set retests = least(c.retests + 1, 1000),
        retest_at = now() + case when c.retests < ${HOURLY_RETESTS}
          then interval '1 hour' else interval '1 day' end
      from (select k.shop_id, s.domain from connection k
        join shop s on s.id = k.shop_id and s.state = 'installed'
        where k.state = 'paused' and k.paused_by = 'system' and k.pause_reason = any($1)
          and coalesce(k.retest_at, k.paused_at, '-infinity') <= now()
        order by k.retest_at nulls first limit ${PAGE} for no key update of k skip locked) due
      where c.shop_id = due.shop_id returning c.shop_id as id, due.domain`,
    [TESTABLE_PAUSES],
  );
  return rows;
}

/** Notes that Pinterest took a test event of the shop's connection. */
export async function recordTestPassed(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  actor: string,
): Promise<void> {
  await db.transaction(async (client) => {
    const { rows } = await client.query<{ was: string | null }>(
      `update connection set tested_at = now(), test_result = 'passed'
        from (select shop_id, test_result as was from connection where shop_id = $1 for no key update) old
        where connection.shop_id = old.shop_id returning old.was`,
      [shopId],
    );
    if (rows[0] === undefined) return;
    await writeAuditEntry(client, {
      shopId,
      actor,
      action: "connection.test",
      before: { result: rows[0].was },
      after: { result: "passed" },
    });
  });
}
