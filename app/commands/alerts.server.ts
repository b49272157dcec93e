import { randomUUID } from "node:crypto";
import { findCause } from "#app/alerts/causes.server.ts";
import { createAlertWriter } from "#app/alerts/compose-message.server.ts";
import { listAlerts } from "#app/alerts/list-alerts.server.ts";
import { sendTestAlert } from "#app/alerts/send-test-alert.server.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import { noticeLine } from "#app/events/notices/notice.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { readMailServer } from "#app/platform/env/mail-env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import { type CommandContext, CommandError, type CommandResult } from "./command.server.ts";
import { formatTable } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay alerts list`. */
export function showAlerts(
  context: CommandContext,
  { shop: domain, all: withEnded = false }: { shop: string; all?: boolean },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const shop = await requireShop({ db }, domain);
    const writer = createAlertWriter(shop.timeZone);
    const alerts = (await listAlerts({ db }, shop.id, { withEnded })).flatMap((alert) => {
      const rule = findCause(alert.cause);
      if (rule === undefined) return [];
      const { title, cause: text, nextStep } = rule.describe(alert.facts, writer);
      const begun_at = alert.begunAt.toISOString();
      const ended_at = alert.endedAt?.toISOString() ?? null;
      const { severity } = rule;
      return [
        { cause: alert.cause, severity, title, text, next_step: nextStep, begun_at, ended_at },
      ];
    });
    const rows = alerts.map((alert) => [
      alert.cause,
      alert.severity,
      alert.begun_at,
      alert.ended_at ?? "lasts",
      noticeLine({ title: alert.title, cause: alert.text }),
    ]);
    return {
      json: { shop: domain, alerts },
      text:
        rows.length === 0
          ? `No alerts of ${domain}.`
          : formatTable(["CAUSE", "SEVERITY", "SINCE", "UNTIL", "WHAT"], rows),
    };
  });
}

/** `pinrelay alerts test`. Ends with 1 when one of the addresses was not reached, there is none, or it is asked for too often. */
export function testAlerts(
  context: CommandContext,
  { shop: domain }: { shop: string },
): Promise<CommandResult> {
  const config = parseEnv(context.env);
  return withDatabase(context, async ({ db }) => {
    const shop = await requireShop({ db }, domain);
    const { settings } = await readSettings({ db }, shop);
    const services = {
      db,
      config,
      keyring: createKeyring(config.ENCRYPTION_KEYS),
      mail: readMailServer(config),
      allowLoopback: config.SHOPIFY_SANDBOX_URL !== undefined,
      now: new Date(),
      randomId: randomUUID,
    };
    const { waitSeconds, results: found } = await sendTestAlert(services, shop, settings);
    if (waitSeconds > 0) throw tooOften(waitSeconds);
    const results = found.map(({ channel, name, outcome }) => ({
      channel,
      name,
      ok: outcome.ok,
      why: outcome.ok ? null : outcome.why,
    }));
    const isDone = results.every(({ ok }) => ok);
    if (results.length === 0) throw noAddress(domain, services.mail !== null);
    return {
      json: { ok: isDone, shop: domain, results },
      text: results
        .map(({ channel, name, why }) => `${channel} ${name}: ${why ?? "sent"}`)
        .join("\n"),
      exitCode: isDone ? 0 : 1,
    };
  });
}

function tooOften(seconds: number): CommandError {
  const { cause, nextStep } = formatNotice("test_limit.alerts", { seconds });
  return new CommandError({ code: "rate_limited", message: cause, action: nextStep }, 1);
}

function noAddress(domain: string, hasMail: boolean): CommandError {
  return new CommandError(
    {
      code: "no_address",
      message: hasMail
        ? "The shop's settings name no address."
        : "The shop's settings name no webhook, and without SMTP_URL no email is sent.",
      action: `Set one: pinrelay shop set --shop ${domain} alert_webhook_url=https://…`,
    },
    1,
  );
}
