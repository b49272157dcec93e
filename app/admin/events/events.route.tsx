import { type MetaFunction, type ShouldRevalidateFunction, useLoaderData } from "@remix-run/react";
import {
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  redirect,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { startReplayRun } from "#app/runs/start-run.server.ts";
import { EventsPage } from "./events-page.tsx";
import { readEventList } from "./read-event-list.server.ts";
import { askReplay } from "./replay.server.ts";
import { eventsTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(eventsTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const [status, view] = await Promise.all([
    readStatus(context, merchant),
    readEventList(context, merchant, new URL(request.url).searchParams),
  ]);
  return { status, ...view, isPhone: isPhone(request) };
}

/**
 * Whether the page is likely to be shown on a phone. A table that only found out in the browser
 * would turn into cards before the reader's eyes.
 */
function isPhone(request: Request): boolean {
  const hint = request.headers.get("Sec-CH-UA-Mobile");
  if (hint !== null) return hint === "?1";
  return /\bMobi/.test(request.headers.get("User-Agent") ?? "");
}

/** `preview` says what would be sent again; `start` does it, and leads to its run. */
export async function action({ context }: ActionFunctionArgs) {
  const merchant = await context.merchant();
  const form = await context.form(merchant);
  const asked = await askReplay(context, merchant, form);
  if (form.get("intent") !== "start" || asked.start === null) return { question: asked.question };
  const runId = await startReplayRun(context, merchant, asked.start);
  return runId === null ? { question: asked.question } : redirect(`/app/send/runs/${runId}`);
}

/** The preview changes nothing that the list shows. */
export const shouldRevalidate: ShouldRevalidateFunction = ({
  formData,
  defaultShouldRevalidate,
}) => (formData?.get("intent") === "preview" ? false : defaultShouldRevalidate);

export default function Events() {
  return <EventsPage {...useLoaderData<typeof loader>()} />;
}

export const ErrorBoundary = PageError;
