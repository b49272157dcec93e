import { type MetaFunction, useLoaderData, useRevalidator } from "@remix-run/react";
import { defer, type HeadersFunction, type LoaderFunctionArgs } from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { useState } from "react";
import { askScopes } from "#app/admin/help/ask-scopes.server.ts";
import { buildReport } from "#app/admin/help/build-report.server.ts";
import { listHelpEntries } from "#app/admin/help/list-help-entries.server.ts";
import { readChecks } from "#app/admin/help/read-checks.server.ts";
import { readStatusAndProblems } from "#app/admin/status/read-status.server.ts";
import { CheckRows } from "#app/components/help/check-rows.tsx";
import { ProblemSearch } from "#app/components/help/problem-search.tsx";
import { ReportCard } from "#app/components/help/report-card.tsx";
import { useEmbedCheck } from "#app/components/help/use-embed-check.ts";
import { AdminPage } from "#app/components/shell/admin-page.tsx";
import { PageError } from "#app/components/shell/page-error.tsx";
import { pageTitle } from "#app/components/shell/page-title.ts";
import { helpTexts } from "#app/texts/help/help.ts";
import { shellTexts } from "#app/texts/shell.ts";

export const meta: MetaFunction = () => pageTitle(helpTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, format, admin } = merchant;
  const scopes = askScopes(admin, context.config.SCOPES);
  const { status, problems } = await readStatusAndProblems(context, merchant);
  const checks = await readChecks(context, shop, { problems, format });
  return defer({
    scopes,
    checks,
    entries: listHelpEntries(),
    report: await buildReport(context, shop, { checks, now: format.now }),
    status,
  });
}

export default function Help() {
  const { checks, scopes, entries, report, status } = useLoaderData<typeof loader>();
  const { revalidate, state } = useRevalidator();
  const embed = useEmbedCheck();
  const [isCopied, setIsCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(report).then(() => setIsCopied(true));
  };
  return (
    <AdminPage
      title={helpTexts.title}
      status={status}
      primaryAction={{
        content: helpTexts.check.run,
        onAction: revalidate,
        loading: state === "loading",
      }}
      secondaryActions={[
        { content: isCopied ? shellTexts.copied : helpTexts.report.copy, onAction: copy },
      ]}
    >
      <CheckRows checks={checks} scopes={scopes} embed={embed} />
      <ProblemSearch entries={entries} />
      <ReportCard report={report} />
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
