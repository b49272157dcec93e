import { type MetaFunction, useFetcher, useLoaderData } from "@remix-run/react";
import {
  type ActionFunctionArgs,
  defer,
  type HeadersFunction,
  type LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { Card } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { useEffect } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { themeEditorUrl } from "#app/admin/shell/describe-browser.server.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { useDeferred } from "#app/admin/shell/page-data.ts";
import { cardFailed } from "#app/admin/shell/pinterest-trouble.ts";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { chooseStoreTag } from "#app/shops/tags/choose-store-tag.server.ts";
import { findTag, peekTags } from "#app/shops/tags/refresh-tags.server.ts";
import { describeChoice, describeTag, readStoreTag } from "./describe-tags.server.ts";
import { TagDetail, TagSkeleton } from "./tag-detail.tsx";
import { tagsTexts } from "./texts.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(data?.name ?? tagsTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, format } = merchant;
  const { tagId = "" } = params;
  const [status, storeTagId, known] = await Promise.all([
    readStatus(context, merchant),
    readStoreTag(context, shop.id),
    peekTags(context, shop),
  ]);
  return defer({
    status,
    editorUrl: themeEditorUrl(shop.domain, context.config.SHOPIFY_API_KEY),
    name: known.tags?.find(({ id }) => id === tagId)?.name ?? tagId,
    detail: findTag(context, shop, tagId, { now: format.now }).then((found) =>
      describeTag(found, storeTagId, format),
    ),
  });
}

export async function action({ context }: ActionFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, actor, admin } = merchant;
  const chosen = (await context.form(merchant)).get("tag_id");
  const tagId = typeof chosen === "string" && chosen !== "" ? chosen : null;
  const choice = await chooseStoreTag(context, shop, { tagId, actor, admin });
  return describeChoice(choice, tagId);
}

export default function Tag() {
  const { status, editorUrl, name, detail } = useLoaderData<typeof loader>();
  const { data, state, submit } = useFetcher<typeof action>();
  const choose = (tagId: string | null) => submit({ tag_id: tagId ?? "" }, { method: "post" });
  // A choice is confirmed once, with a button that restores the choice before it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rest is new with each rendering
  useEffect(() => {
    if (data?.message == null) return;
    const { previous } = data;
    showToast(data.message, { label: shellTexts.undo, run: () => choose(previous) });
  }, [data]);
  const { value, hasFailed } = useDeferred(detail);
  return (
    <AdminPage
      status={status}
      title={value?.tag?.name ?? name}
      backAction={{ content: tagsTexts.detail.back, url: "/app/tags" }}
    >
      {value === null ? (
        <Card padding="0">
          {hasFailed ? <NoticeView place="card" notice={cardFailed} /> : <TagSkeleton />}
        </Card>
      ) : (
        <TagDetail
          detail={value}
          editorUrl={editorUrl}
          error={data?.error ?? null}
          isSaving={state !== "idle"}
          onChoose={choose}
        />
      )}
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
