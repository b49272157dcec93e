import { type MetaFunction, useLoaderData } from "@remix-run/react";
import { defer, type HeadersFunction, type LoaderFunctionArgs } from "@remix-run/server-runtime";
import { BlockStack, Box, Card, Text } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { useDeferred } from "#app/admin/shell/page-data.ts";
import { cardFailed } from "#app/admin/shell/pinterest-trouble.ts";
import { TableSkeleton } from "#app/admin/shell/plain-table.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { peekTags, refreshTags } from "#app/shops/tags/refresh-tags.server.ts";
import { describeTags, readStoreTag } from "./describe-tags.server.ts";
import { TAG_COLUMNS, TagTable } from "./tag-table.tsx";
import { tagsTexts } from "./texts.ts";

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
        <NoticeView place="card" notice={cardFailed} />
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
