import { type MetaFunction, useLoaderData } from "@remix-run/react";
import { defer, type HeadersFunction, type LoaderFunctionArgs } from "@remix-run/server-runtime";
import { BlockStack, Card } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { useDeferred } from "#app/admin/shell/page-data.ts";
import { cardFailed } from "#app/admin/shell/pinterest-trouble.ts";
import { TableSkeleton } from "#app/admin/shell/plain-table.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { LOOKBACKS, type Lookback } from "#app/events/quality-score.ts";
import { refreshMissingQuality } from "#app/shops/refresh-quality.server.ts";
import { AdviceCard, OwnCard, PinterestCard, ScoreHead } from "./quality-cards.tsx";
import { readQuality } from "./read-quality.server.ts";
import { ALWAYS_SHOWN, qualityTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(qualityTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

const DEFAULT_PERIOD: Lookback = "14d";

export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, format } = merchant;
  const wanted = new URL(request.url).searchParams.get("period");
  const lookback = LOOKBACKS.find((known) => known === wanted) ?? DEFAULT_PERIOD;
  const [status, quality] = await Promise.all([
    readStatus(context, merchant),
    readQuality(context, shop.id, lookback, format),
  ]);
  const { own, pinterest, isToBeAsked, afterAsking } = quality;
  return defer({
    status,
    lookback,
    own,
    pinterest: isToBeAsked
      ? refreshMissingQuality(context, shop).then(({ failure }) => afterAsking(failure))
      : pinterest,
  });
}

export default function Quality() {
  const { status, lookback, own, pinterest } = useLoaderData<typeof loader>();
  const { value: scores, hasFailed } = useDeferred(pinterest);
  const kinds = own.table?.rows.map(({ kind }) => kind) ?? [];
  return (
    <AdminPage
      status={status}
      title={qualityTexts.title}
      fullWidth
      secondaryActions={[{ content: qualityTexts.duplicates, url: "/app/quality/duplicates" }]}
    >
      <BlockStack gap="400">
        {scores === null ? (
          <Card padding="0">
            <ScoreHead lookback={lookback} />
            {hasFailed ? (
              <NoticeView place="card" notice={cardFailed} level="h3" />
            ) : (
              <TableSkeleton
                caption={qualityTexts.title}
                columns={[qualityTexts.key, ...kinds]}
                rows={ALWAYS_SHOWN.length}
              />
            )}
          </Card>
        ) : (
          <PinterestCard scores={scores} lookback={lookback} />
        )}
        <OwnCard own={own} />
        {scores !== null && (
          <AdviceCard
            advice={scores.advice}
            isKnown={kinds.length > 0 || scores.tables.length > 0}
          />
        )}
      </BlockStack>
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
