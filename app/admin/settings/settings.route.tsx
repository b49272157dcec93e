import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import { readBillingPlan } from "#app/platform/env/billing-env.server.ts";
import { readMailServer } from "#app/platform/env/mail-env.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { parseSettingsForm } from "#app/shops/settings/check-settings.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import { describeConflict, describeFaults } from "./describe-answer.server.ts";
import { readSettingsHints } from "./read-settings-hints.server.ts";
import { SettingsPage } from "./settings-page.tsx";
import { settingsTexts } from "./texts.ts";
import type { SaveAnswer } from "./use-settings-form.ts";

export const meta: MetaFunction = () => pageTitle(settingsTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const { settings, version } = await readSettings(context, merchant.shop);
  const rules = Object.keys(settings)
    .filter((name) => name.startsWith("source."))
    .map((name) => name.slice("source.".length));
  const [status, hints] = await Promise.all([
    readStatus(context, merchant),
    readSettingsHints(context, merchant, rules),
  ]);
  const hasPlan = readBillingPlan(context.config) !== null;
  const mailProblem =
    readMailServer(context.config) === null ? formatNotice("alerts_unmailed", {}) : null;
  return { status, settings, version, hints, hasPlan, mailProblem };
}

export async function action({ context }: ActionFunctionArgs): Promise<SaveAnswer> {
  const merchant = await context.merchant();
  const form = parseSettingsForm(await context.form(merchant));
  if (form === null) throw Response.json(null, { status: 400 });
  const { shop, actor } = merchant;
  const result = await changeSettings(context, { domain: shop.domain, actor, ...form });
  if (result.ok) {
    return { kind: "saved", version: result.version, settings: result.settings };
  }
  if (result.conflict !== undefined) {
    return { kind: "conflict", notice: describeConflict(result.conflict, merchant) };
  }
  return { kind: "faults", ...describeFaults(result.faults) };
}

export default function Settings() {
  const { status, ...page } = useLoaderData<typeof loader>();
  return (
    <AdminPage status={status} title={settingsTexts.title}>
      <SettingsPage {...page} />
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
