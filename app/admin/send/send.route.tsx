import {
  type ClientActionFunctionArgs,
  type MetaFunction,
  type ShouldRevalidateFunction,
  useLoaderData,
} from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { answerSendForm, type SendAnswer } from "./answer-send-form.server.ts";
import { loadSendForm } from "./load-send-form.server.ts";
import { SendPanels } from "./send-panels.tsx";
import { sendTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(sendTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const [status, form] = await Promise.all([
    readStatus(context, merchant),
    loadSendForm(context, merchant),
  ]);
  return { status, form };
}

export async function action({ context }: ActionFunctionArgs): Promise<SendAnswer> {
  const merchant = await context.merchant();
  return answerSendForm(context, merchant, await context.form(merchant));
}

/** A request that gets no answer must not take the page, and what was typed, with it. */
export async function clientAction({
  serverAction,
}: ClientActionFunctionArgs): Promise<SendAnswer> {
  try {
    return await serverAction<SendAnswer>();
  } catch (error) {
    if (error instanceof Response) throw error;
    return { intent: "lost" };
  }
}

/** A post changes nothing that the loader reads. */
export const shouldRevalidate: ShouldRevalidateFunction = ({
  formMethod,
  currentUrl,
  nextUrl,
  defaultShouldRevalidate,
}) =>
  formMethod === undefined && currentUrl.pathname !== nextUrl.pathname && defaultShouldRevalidate;

export default function Send() {
  const { status, form } = useLoaderData<typeof loader>();
  return (
    <AdminPage title={sendTexts.title} status={status} fullWidth>
      <SendPanels view={form} />
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;
