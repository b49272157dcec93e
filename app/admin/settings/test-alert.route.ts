import { randomUUID } from "node:crypto";
import type { ActionFunctionArgs } from "@remix-run/server-runtime";
import { sendTestAlert } from "#app/alerts/send-test-alert.server.ts";
import { readMailServer } from "#app/platform/env/mail-env.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import { describeTest, describeTestLimit, type TestAnswer } from "./describe-answer.server.ts";

/** Sends a test alert to everybody whom the saved settings name. */
export async function action({ context }: ActionFunctionArgs): Promise<TestAnswer> {
  const merchant = await context.merchant();
  await context.form(merchant);
  const { shop } = merchant;
  const { settings } = await readSettings(context, shop);
  const { waitSeconds, results } = await sendTestAlert(
    {
      ...context,
      mail: readMailServer(context.config),
      allowLoopback: context.config.SHOPIFY_SANDBOX_URL !== undefined,
      now: new Date(),
      randomId: randomUUID,
    },
    shop,
    settings,
  );
  return waitSeconds > 0 ? describeTestLimit(waitSeconds) : describeTest(results);
}
