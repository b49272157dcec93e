import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { JobKind, Queue } from "#app/platform/queue.server.ts";
import { adminUrl } from "#app/shops/admin-url.server.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";
import type { HostBreakers } from "#app/tasks/callback/host-breakers.server.ts";
import type { AlertFacts, Phase } from "./alert.server.ts";
import { findCause, SUMMARY_CAUSE } from "./causes.server.ts";
import { type AlertMessage, createAlertWriter } from "./compose-message.server.ts";
import { type Channel, listDestinations, nameDestination } from "./destinations.server.ts";
import { type SendServices, sendMessage } from "./send-message.server.ts";

/** Tried over four hours: an alert that comes later is no news. */
const MESSAGE_JOB: JobKind = {
  name: "send-alert",
  retries: 8,
  retrySeconds: 60,
  expireSeconds: 60,
};

interface MessageJob {
  messageId: string;
}

/** What the last try did not settle is handed to the queue once more, and given up a day after it came. */
const LOST_AFTER = "6 hours";
const GIVEN_UP_AFTER = "1 day";
const MOST_QUEUED = 2_000;

export interface MessageServices extends SendServices {
  db: Pick<Database, "pool" | "transaction">;
  log: Logger;
  config: Parameters<typeof adminUrl>[0];
  countSent: (channel: Channel, result: "sent" | "failed") => void;
}

/** Hands to the queue what waits: what a check has just added, and what a crash has left. */
export async function queueMessages({
  db,
  queue,
}: {
  db: Pick<Database, "pool">;
  queue: Pick<Queue, "send">;
}): Promise<void> {
  await db.pool.query(
    `update alert_message set state = 'failed', address = null, done_at = now()
      where state = 'waiting' and created_at < now() - interval '${GIVEN_UP_AFTER}'`,
  );
  // Summaries of all stores of a time zone come at once, and what is broken can't wait for them.
  const { rows } = await db.pool.query<{ id: bigint; shop_id: bigint; cause: string }>(
    `select m.id, m.shop_id, a.cause from alert_message m join alert a on a.id = m.alert_id
      where m.state = 'waiting'
        and (m.queued_at is null or m.queued_at < now() - interval '${LOST_AFTER}')
      order by a.cause = '${SUMMARY_CAUSE}', m.id limit ${MOST_QUEUED}`,
  );
  for (const { id, shop_id, cause } of rows) {
    const job: MessageJob = { messageId: String(id) };
    const isUrgent = cause !== SUMMARY_CAUSE;
    await queue.send(MESSAGE_JOB, job, { group: String(shop_id), isUrgent });
    // A crash in between sends it twice, under one id, and the second finds it done.
    await db.pool.query("update alert_message set queued_at = now() where id = $1", [String(id)]);
  }
}

/** Has this process send what `queueMessages` handed over, in whichever process. */
export async function workOnMessages({
  queue,
  ...services
}: MessageServices & { breakers: HostBreakers; queue: Pick<Queue, "work"> }): Promise<void> {
  await queue.work<MessageJob>(MESSAGE_JOB, ({ messageId }, run) =>
    runMessage(services, BigInt(messageId), run),
  );
}

interface MessageRow {
  shop_id: bigint;
  domain: string;
  time_zone: string | null;
  settings: unknown;
  is_installed: boolean;
  phase: Phase;
  channel: Channel;
  address: string;
  cause: string;
  facts: AlertFacts;
  begun_at: Date;
  ended_at: Date | null;
}

async function runMessage(
  services: MessageServices & { breakers: HostBreakers },
  id: bigint,
  { isLast }: { isLast: boolean },
): Promise<"done" | "again"> {
  const { db, log, mail, breakers } = services;
  const row = await findWaiting(db, id);
  if (row === undefined) return "done";
  const { channel, address } = row;
  const facts = { shop: row.domain, alertMessage: String(id), channel, cause: row.cause };
  const known = listDestinations(parseStoredSettings(row.settings), { hasMail: mail !== null });
  if (!row.is_installed || !known.some((one) => one.address === address)) {
    await endMessage(services, id, "dropped");
    return "done";
  }
  const message = compose(services, id, row);
  if (message === null) {
    log.info(facts, "alert of another version: it is left for a worker that knows it");
    return "again";
  }
  const attempt = () => sendMessage(services, message, { channel, address });
  // Mail goes to one server, and one store's wrong address must not stop it for the others.
  const outcome = channel === "email" ? await attempt() : await breakers.attempt(address, attempt);
  if (outcome.ok) {
    await endMessage(services, id, "sent");
    services.countSent(channel, "sent");
    log.info(facts, "alert sent");
    return "done";
  }
  const { why } = outcome;
  if (!outcome.isFinal && !isLast) {
    log.info({ ...facts, why }, "alert not taken: it is tried again");
    return "again";
  }
  await endMessage(services, id, "failed", { ...row, why });
  services.countSent(channel, "failed");
  log.warn({ ...facts, why }, "alert given up");
  return "done";
}

async function findWaiting(
  db: Pick<Database, "pool">,
  id: bigint,
): Promise<MessageRow | undefined> {
  const { rows } = await db.pool.query<MessageRow>(
    `select m.shop_id, m.phase, m.channel, m.address, s.domain, s.time_zone, s.settings,
        s.state = 'installed' as is_installed, a.cause, a.facts, a.begun_at, a.ended_at
      from alert_message m join alert a on a.id = m.alert_id join shop s on s.id = m.shop_id
      where m.id = $1 and m.state = 'waiting'`,
    [id.toString()],
  );
  return rows[0];
}

/** Null: the cause is one of another version. */
function compose(
  { config }: Pick<MessageServices, "config">,
  id: bigint,
  row: MessageRow,
): AlertMessage | null {
  const rule = findCause(row.cause);
  if (rule === undefined) return null;
  return {
    id: `msg_alert_${id}`,
    phase: row.phase,
    shop: { domain: row.domain, timeZone: row.time_zone },
    cause: row.cause,
    severity: rule.severity,
    notice: rule.describe(row.facts, createAlertWriter(row.time_zone)),
    begunAt: row.begun_at,
    // A begin that is told late is still a begin.
    endedAt: row.phase === "ended" ? row.ended_at : null,
    link: adminUrl(config, row.domain, rule.path),
  };
}

/** The address goes with the end. The merchant reads in Activity what never arrived. */
async function endMessage(
  { db }: Pick<MessageServices, "db">,
  id: bigint,
  state: "sent" | "failed" | "dropped",
  failure?: MessageRow & { why: string },
): Promise<void> {
  await db.transaction(async (client) => {
    await client.query(
      "update alert_message set state = $2, address = null, done_at = now() where id = $1",
      [id.toString(), state],
    );
    if (failure === undefined) return;
    const { shop_id: shopId, cause, channel, why } = failure;
    // An entry is kept for a year, and an email address is a person's.
    const host = channel === "email" ? {} : { host: nameDestination(failure) };
    const after = { cause, channel, ...host, why };
    await writeAuditEntry(client, { shopId, actor: "system", action: "alert.give_up", after });
  });
}
