import { type MetaFunction, type ShouldRevalidateFunction, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { actOnEvent } from "./act-on-event.server.ts";
import { EventPage } from "./event-page.tsx";
import { readEventView } from "./read-event-view.server.ts";
import { eventDetailTexts } from "./texts.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(data?.view.title ?? eventDetailTexts.notFound);

export const headers: HeadersFunction = (args) => boundary.headers(args);

type Args = Pick<LoaderFunctionArgs, "request" | "params">;

/** `name` tells events apart that were given by hand under one id. */
function parseEvent({ request, params }: Args): { eventId: string; kind: string | null } {
  const kind = new URL(request.url).searchParams.get("name");
  return { eventId: params.eventId ?? "", kind };
}

export async function loader(args: LoaderFunctionArgs) {
  const { context } = args;
  const merchant = await context.merchant();
  const [status, view] = await Promise.all([
    readStatus(context, merchant),
    readEventView(context, merchant, parseEvent(args)),
  ]);
  if (view === null) throw Response.json(null, { status: 404 });
  return { status, view };
}

export async function action(args: ActionFunctionArgs) {
  const { context } = args;
  const merchant = await context.merchant();
  const form = await context.form(merchant);
  const event = parseEvent(args);
  const intent = String(form.get("intent") ?? "");
  const fingerprint = String(form.get("fingerprint") ?? "");
  const answer = await actOnEvent(context, merchant, { ...event, intent, fingerprint });
  if (answer === null) throw Response.json(null, { status: 404 });
  if (answer.kind !== "revealed") return answer;
  const view = await readEventView(context, merchant, event, { isRevealed: true });
  if (view === null) throw Response.json(null, { status: 404 });
  return { kind: answer.kind, sent: view.sent };
}

/** Showing masked values changes nothing that the loader reads. */
export const shouldRevalidate: ShouldRevalidateFunction = ({
  formData,
  defaultShouldRevalidate,
}) =>
  ["reveal", "compare"].includes(String(formData?.get("intent"))) ? false : defaultShouldRevalidate;

export default function Event() {
  const { status, view } = useLoaderData<typeof loader>();
  // Each event is a page of its own: values revealed for one are not shown with the next.
  return <EventPage key={view.eventId} status={status} view={view} />;
}

export const ErrorBoundary = PageError;
