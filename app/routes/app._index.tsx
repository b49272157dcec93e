import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type { HeadersFunction, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { Badge, BlockStack, InlineGrid, InlineStack, Page, Text } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { readOverview } from "#app/admin/overview.server.ts";
import { CheckList } from "#app/components/check-list.tsx";
import { EventCounts } from "#app/components/event-counts.tsx";
import { NextSteps } from "#app/components/next-steps.tsx";
import { describeOverview } from "#app/components/overview.ts";
import { PageError } from "#app/components/shell/page-error.tsx";
import { useLiveData } from "#app/components/shell/use-live-data.ts";
import { Time } from "#app/components/time.tsx";
import { findShop } from "#app/shops/find-shop.server.ts";

export const meta: MetaFunction = () => [{ title: "Home · Pinrelay" }];

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const { session } = await context.signIn();
  const shop = await findShop(context, session.shop);
  if (shop?.state !== "installed") throw Response.json(null, { status: 403 });
  const facts = await readOverview(context, shop.id);
  return describeOverview(facts, {
    shop: shop.domain,
    now: new Date(),
    timeZone: facts.timeZone ?? "UTC",
    pinterestApiUrl: context.config.PINTEREST_API_URL,
  });
}

export default function Home() {
  const overview = useLoaderData<typeof loader>();
  const { isLoading, refresh } = useLiveData();
  const { badge, isTestApi, sentence, counts, checks, nextSteps, updatedAt, zone } = overview;
  const where = <EventCounts sentence={sentence} counts={counts} />;
  return (
    <Page
      title="Pinrelay"
      titleMetadata={
        <InlineStack gap="200">
          <Badge {...(badge.tone && { tone: badge.tone })}>{badge.label}</Badge>
          {isTestApi && <Badge tone="info">Test API</Badge>}
        </InlineStack>
      }
      secondaryActions={[{ content: "Refresh", onAction: refresh, loading: isLoading }]}
    >
      <BlockStack gap="400">
        {nextSteps.length === 0 && where}
        <InlineGrid columns={{ xs: 1, md: ["twoThirds", "oneThird"] }} gap="400" alignItems="start">
          <NextSteps steps={nextSteps} />
          <CheckList checks={checks} />
        </InlineGrid>
        {nextSteps.length > 0 && where}
        <Text as="p" tone="subdued" alignment="center">
          Updated <Time moment={updatedAt} /> · {zone}
        </Text>
      </BlockStack>
      <Text as="p" visuallyHidden>
        <span aria-live="polite">{badge.label}</span>
      </Text>
    </Page>
  );
}

export const ErrorBoundary = PageError;
