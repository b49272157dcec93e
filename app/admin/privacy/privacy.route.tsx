import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { Box, Button, InlineStack } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { AdminPage, BESIDE_CARDS } from "#app/admin/shell/admin-page.tsx";
import { PageError } from "#app/admin/shell/page-error.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { pageTitle } from "#app/admin/shell/texts.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { changeRetention } from "./change-retention.server.ts";
import { readPrivacy } from "./read-privacy.server.ts";
import { DataMapCard, RequestsCard } from "./record-cards.tsx";
import { type RetentionAnswer, RetentionCard } from "./retention-card.tsx";
import { privacyTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(privacyTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  return {
    privacy: await readPrivacy(context, merchant.shop, merchant.format),
    status: await readStatus(context, merchant),
  };
}

export async function action({ context }: ActionFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, actor } = merchant;
  const days = (await context.form(merchant)).get("days");
  const changed = await changeRetention(context, { shop, days, actor });
  return Response.json(describe(changed), { status: changed.ok ? 200 : 422 });
}

function describe(changed: Awaited<ReturnType<typeof changeRetention>>): RetentionAnswer {
  const { fault, saved, deleted } = privacyTexts.retention;
  if (!changed.ok) return { fault };
  return { saved: changed.deleted === 0 ? saved : formatMessage(deleted, { n: changed.deleted }) };
}

export default function Privacy() {
  const { privacy, status } = useLoaderData<typeof loader>();
  return (
    <AdminPage
      title={privacyTexts.title}
      backAction={{ content: privacyTexts.settings, url: "/app/settings" }}
      status={status}
    >
      <Overview />
      <div id="retention">
        <RetentionCard payloadDays={privacy.payloadDays} warnings={privacy.warnings} />
      </div>
      <div id="requests">
        <RequestsCard requests={privacy.requests} />
      </div>
      <div id="data-map">
        <DataMapCard />
      </div>
    </AdminPage>
  );
}

/** Leads to each card: the last is far below the first screen. */
function Overview() {
  const { onThisPage, retention, requests, map } = privacyTexts;
  return (
    <Box paddingInline={BESIDE_CARDS}>
      <nav aria-label={onThisPage}>
        <InlineStack gap="200">
          <Button url="#retention">{retention.title}</Button>
          <Button url="#requests">{requests.title}</Button>
          <Button url="#data-map">{map.title}</Button>
        </InlineStack>
      </nav>
    </Box>
  );
}

export const ErrorBoundary = PageError;
