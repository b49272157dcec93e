import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type { HeadersFunction, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { Badge, BlockStack, Box, Card, Text } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { AdminPage, BESIDE_CARDS } from "#app/admin/shell/admin-page.tsx";
import { CardTrouble } from "#app/admin/shell/card-trouble.tsx";
import { PageError } from "#app/admin/shell/page-error.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { pageTitle, shellTexts } from "#app/admin/shell/texts.ts";
import { SourceLine } from "#app/admin/shell/time.tsx";
import { IdTable, PurchaseShares, SignTable, UnseenCard } from "./duplicates-cards.tsx";
import { readDuplicates } from "./read-duplicates.server.ts";
import { duplicatesTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(duplicatesTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const [status, duplicates] = await Promise.all([
    readStatus(context, merchant),
    readDuplicates(context, merchant.shop.id, merchant.format),
  ]);
  return { status, duplicates };
}

export default function Duplicates() {
  const { status, duplicates } = useLoaderData<typeof loader>();
  const { verdict, verdictText, signs, shares, sharesNote, trouble, fetched } = duplicates;
  const { label, tone } = verdict;
  return (
    <AdminPage
      status={status}
      title={duplicatesTexts.title}
      backAction={{ content: duplicatesTexts.back, url: "/app/quality" }}
      titleBadge={
        <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
          {label}
        </Badge>
      }
    >
      <BlockStack gap="400">
        <Box paddingInline={BESIDE_CARDS}>
          <BlockStack gap="100">
            <Text as="p">{duplicatesTexts.question}</Text>
            <Text as="p">{verdictText}</Text>
            <Text as="p" variant="bodySm" tone="subdued">
              {duplicatesTexts.from}
            </Text>
          </BlockStack>
        </Box>
        {trouble !== null && (
          <Card padding="0">
            <CardTrouble trouble={trouble} />
          </Card>
        )}
        <SignTable signs={signs} />
        <PurchaseShares shares={shares} sharesNote={sharesNote} />
        <IdTable />
        <UnseenCard />
        {fetched !== null && <SourceLine source={duplicatesTexts.fromPinterest} moment={fetched} />}
      </BlockStack>
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
