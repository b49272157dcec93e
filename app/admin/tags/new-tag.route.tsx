import { randomUUID } from "node:crypto";
import { type MetaFunction, useFetcher, useLoaderData, useNavigate } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { Card } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { useEffect, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { describeTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { findNameFault, isTagSwitch } from "#app/events/pinterest-tag.ts";
import { createTag } from "#app/shops/tags/create-tag.server.ts";
import { peekTags } from "#app/shops/tags/refresh-tags.server.ts";
import { describeCreation } from "./describe-tags.server.ts";
import { TagForm } from "./tag-form.tsx";
import { tagsTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(tagsTexts.form.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const [status, { access }] = await Promise.all([
    readStatus(context, merchant),
    peekTags(context, merchant.shop),
  ]);
  const trouble = describeTrouble({ access, failure: null }, tagsTexts.subject);
  return { status, formKey: randomUUID(), trouble };
}

export async function action({ context }: ActionFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, actor } = merchant;
  const form = await context.form(merchant);
  const creation = await createTag(context, shop, {
    name: String(form.get("name") ?? ""),
    switches: form.getAll("switch").map(String).filter(isTagSwitch),
    formKey: String(form.get("form_key") ?? ""),
    actor,
  });
  return describeCreation(creation);
}

export default function NewTag() {
  const { status, formKey: newest, trouble } = useLoaderData<typeof loader>();
  // The loader must not run again: with another key, a second click would create a second tag.
  const [formKey] = useState(newest);
  const { data, state, submit } = useFetcher<typeof action>();
  const navigate = useNavigate();
  const tagId = data?.tagId ?? null;
  useEffect(() => {
    if (tagId === null) return;
    showToast(tagsTexts.form.created);
    navigate(tagId === "" ? "/app/tags" : `/app/tags/${tagId}`, { replace: true });
  }, [tagId, navigate]);
  const create = (name: string, switches: string[]) => {
    const form = new FormData();
    form.set("name", name);
    form.set("form_key", formKey);
    for (const name of switches) form.append("switch", name);
    submit(form, { method: "post" });
  };
  return (
    <AdminPage
      status={status}
      title={tagsTexts.form.title}
      backAction={{ content: tagsTexts.title, url: "/app/tags" }}
    >
      {trouble === null ? (
        <TagForm
          error={data?.error ?? null}
          isSending={state !== "idle" || tagId !== null}
          checkName={(name) => {
            const fault = findNameFault(name);
            return fault && { field: "name", text: tagsTexts.formErrors[fault] };
          }}
          onCreate={create}
        />
      ) : (
        <Card padding="0">
          <NoticeView place="card" notice={trouble} />
        </Card>
      )}
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
