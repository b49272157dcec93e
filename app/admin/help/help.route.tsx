import { type MetaFunction, useLoaderData, useRevalidator } from "@remix-run/react";
import { defer, type HeadersFunction, type LoaderFunctionArgs } from "@remix-run/server-runtime";
import { BlockStack, Card, Text, TextField } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { useState } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { describeBrowser } from "#app/admin/shell/describe-browser.server.ts";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatusAndProblems } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { buildReport } from "./build-report.server.ts";
import { CheckRows } from "./check-rows.tsx";
import { type HelpEntry, listHelpEntries } from "./list-help-entries.server.ts";
import { askScopes, describeEmbedChecks, readChecks } from "./read-checks.server.ts";
import { helpTexts } from "./texts.ts";
import "./help.css";

export const meta: MetaFunction = () => pageTitle(helpTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, format, admin } = merchant;
  const scopes = askScopes(admin, context.config.SCOPES);
  const { status, problems, browser: facts } = await readStatusAndProblems(context, merchant);
  const { SHOPIFY_API_KEY: apiKey } = context.config;
  const browser = describeBrowser(facts, { domain: shop.domain, apiKey }, format);
  const checks = await readChecks(context, shop, { problems, browser, format });
  return defer({
    scopes,
    checks,
    embed: describeEmbedChecks(browser),
    entries: listHelpEntries(),
    report: await buildReport(context, shop, { checks, now: format.now }),
    status,
  });
}

export default function Help() {
  const { checks, scopes, embed, entries, report, status } = useLoaderData<typeof loader>();
  const { revalidate, state } = useRevalidator();
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

/** The report for support, shown whole: merchants see what they send. */
function ReportCard({ report }: { report: string }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {helpTexts.report.title}
        </Text>
        <Text as="p">{helpTexts.report.about}</Text>
        <Code label={helpTexts.report.label} text={report} />
      </BlockStack>
    </Card>
  );
}

/** The list of problems, folded; a search opens the entries that contain every word. */
function ProblemSearch({ entries }: { entries: HelpEntry[] }) {
  const { title, label, help, none, messages } = helpTexts.search;
  const [query, setQuery] = useState("");
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter((entry) => {
    const text = [entry.title, ...entry.paragraphs].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        <TextField
          label={label}
          value={query}
          onChange={setQuery}
          helpText={help}
          autoComplete="off"
          type="search"
          clearButton
          onClearButtonClick={() => setQuery("")}
        />
        <div aria-live="polite">{found.length === 0 && <Text as="p">{none}</Text>}</div>
        {words.length > 0 ? (
          <Entries entries={found} isOpen />
        ) : (
          <>
            <Entries entries={entries.filter((entry) => entry.isSymptom)} />
            <details className="help-entry">
              <summary>
                <Text as="h3" variant="bodyMd" fontWeight="semibold">
                  {messages}
                </Text>
              </summary>
              <Entries entries={entries.filter((entry) => !entry.isSymptom)} />
            </details>
          </>
        )}
      </BlockStack>
    </Card>
  );
}

function Entries({ entries, isOpen = false }: { entries: HelpEntry[]; isOpen?: boolean }) {
  return (
    <div>
      {entries.map((entry) => (
        <details key={entry.id} className="help-entry" open={isOpen}>
          <summary>
            <Text as="h3" variant="bodyMd" fontWeight="semibold">
              {entry.title}
            </Text>
          </summary>
          <BlockStack gap="100">
            {entry.paragraphs.map((paragraph) => (
              <Text key={paragraph} as="p">
                {paragraph}
              </Text>
            ))}
          </BlockStack>
        </details>
      ))}
    </div>
  );
}
