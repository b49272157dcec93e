import { type MetaFunction, useFetcher, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { BlockStack, Card, Text, TextField } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { useEffect, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { readBrowser } from "#app/admin/shell/describe-browser.server.ts";
import { AdminPage, PageError, pageTitle, SectionLinks } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { SaveBar } from "#app/admin/shell/save-bar.tsx";
import { formatMessage } from "#app/events/format-message.ts";
import { changeRetention } from "./change-retention.server.ts";
import { type PrivacyView, readPrivacy } from "./read-privacy.server.ts";
import { DataMapCard, RequestsCard } from "./record-cards.tsx";
import { privacyTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(privacyTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  return {
    privacy: await readPrivacy(context, merchant.shop, merchant.format),
    browser: await readBrowser(context, merchant),
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
  const { privacy, browser, status } = useLoaderData<typeof loader>();
  return (
    <AdminPage
      title={privacyTexts.title}
      backAction={{ content: privacyTexts.settings, url: "/app/settings" }}
      status={status}
    >
      <SectionLinks sections={SECTIONS} />
      <div id="retention" tabIndex={-1}>
        <RetentionCard payloadDays={privacy.payloadDays} warnings={privacy.warnings} />
      </div>
      <div id="requests" tabIndex={-1}>
        <RequestsCard requests={privacy.requests} />
      </div>
      <div id="data-map" tabIndex={-1}>
        <DataMapCard browser={browser} />
      </div>
    </AdminPage>
  );
}

/** The last card is far below the first screen. */
const SECTIONS = [
  { id: "retention", title: privacyTexts.retention.title },
  { id: "requests", title: privacyTexts.requests.title },
  { id: "data-map", title: privacyTexts.map.title },
];

export const ErrorBoundary = PageError;

/** What the route's action answers. */
type RetentionAnswer = { saved: string } | { fault: string };

type RetentionProps = Pick<PrivacyView, "payloadDays" | "warnings">;

const { title, label, help, rest, askTitle, confirm } = privacyTexts.retention;

/** For how many days bodies are kept. Fewer days delete what is older, and are asked about first. */
function RetentionCard({ payloadDays, warnings }: RetentionProps) {
  const fetcher = useFetcher<RetentionAnswer>();
  const [days, setDays] = useState(String(payloadDays));
  const [isAsking, setIsAsking] = useState(false);
  const [fault, setFault] = useState<string>();
  useEffect(() => setDays(String(payloadDays)), [payloadDays]);
  useEffect(() => {
    if (fetcher.data === undefined || fetcher.state !== "idle") return;
    if ("fault" in fetcher.data) setFault(fetcher.data.fault);
    else showToast(fetcher.data.saved);
  }, [fetcher.data, fetcher.state]);

  const warning = /^\d+$/.test(days) ? warnings[Number(days) - 1] : undefined;
  const isSaving = fetcher.state !== "idle";
  const save = () => {
    setIsAsking(false);
    fetcher.submit({ days }, { method: "post" });
  };
  return (
    <Card>
      <SaveBar
        id="privacy-save-bar"
        isDirty={days !== String(payloadDays)}
        isSaving={isSaving}
        onSave={() => (warning === undefined ? save() : setIsAsking(true))}
        onDiscard={() => {
          setDays(String(payloadDays));
          setFault(undefined);
        }}
      />
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        <TextField
          label={label}
          value={days}
          onChange={(value) => {
            setDays(value);
            setFault(undefined);
          }}
          helpText={help}
          inputMode="numeric"
          autoComplete="off"
          {...(fault !== undefined && { error: fault })}
        />
        <Text as="p" tone="subdued">
          {rest}
        </Text>
      </BlockStack>
      <ConfirmDialog
        isOpen={isAsking}
        title={askTitle}
        action={confirm}
        isDestructive
        onConfirm={save}
        onCancel={() => setIsAsking(false)}
      >
        <Text as="p">{warning}</Text>
      </ConfirmDialog>
    </Card>
  );
}
