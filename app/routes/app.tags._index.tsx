import { type MetaFunction, useLoaderData } from "@remix-run/react";
import { defer, type HeadersFunction, type LoaderFunctionArgs } from "@remix-run/server-runtime";
import { BlockStack, Box, Card, Text } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { readStatus } from "#app/admin/status/read-status.server.ts";
import { describeTags } from "#app/admin/tags/describe-tags.server.ts";
import { readStoreTag } from "#app/admin/tags/read-store-tag.server.ts";
import { AdminPage } from "#app/components/shell/admin-page.tsx";
import { PageError } from "#app/components/shell/page-error.tsx";
import { pageTitle } from "#app/components/shell/page-title.ts";
import { CardTrouble } from "#app/components/tables/card-trouble.tsx";
import { TableSkeleton } from "#app/components/tables/table-skeleton.tsx";
import { useDeferred } from "#app/components/tables/use-deferred.ts";
import { TAG_COLUMNS, TagTable } from "#app/components/tags/tag-table.tsx";
import { peekTags, refreshTags } from "#app/shops/tags/refresh-tags.server.ts";
import { cardFailed } from "#app/texts/pinterest/pinterest-trouble.ts";
import { tagsTexts } from "#app/texts/pinterest/tags.ts";

export const meta: MetaFunction = () => pageTitle(tagsTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, format } = merchant;
  const [status, storeTagId, known] = await Promise.all([
    readStatus(context, merchant),
    readStoreTag(context, shop.id),
    peekTags(context, shop),
  ]);
  const isKnown = known.isFresh || known.access !== "signed_in";
  return defer({
    status,
    mayCreate: known.access === "signed_in",
    expectedRows: known.tags?.length || 3,
    list: isKnown
      ? describeTags(known, storeTagId, format)
      : refreshTags(context, shop).then((tags) => describeTags(tags, storeTagId, format)),
  });
}

export default function Tags() {
  const { status, list, expectedRows, mayCreate } = useLoaderData<typeof loader>();
  const { value, hasFailed } = useDeferred(list);
  const waiting = (
    <Card padding="0">
      {hasFailed ? (
        <CardTrouble trouble={cardFailed} />
      ) : (
        <TableSkeleton caption={tagsTexts.title} columns={TAG_COLUMNS} rows={expectedRows} />
      )}
    </Card>
  );
  return (
    <AdminPage
      status={status}
      title={tagsTexts.title}
      fullWidth
      {...(mayCreate && { primaryAction: { content: tagsTexts.create, url: "/app/tags/new" } })}
    >
      <BlockStack gap="400">
        {/* On a phone the page has no margin of its own. */}
        <Box paddingInline={{ xs: "400", sm: "0" }}>
          <Text as="p">{tagsTexts.intro}</Text>
        </Box>
        {value === null ? waiting : <TagTable list={value} />}
      </BlockStack>
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
