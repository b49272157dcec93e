import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { describeRun } from "#app/admin/runs/describe-run.server.ts";
import { readRun, toRunId, toRunPage } from "#app/admin/runs/read-run.server.ts";
import { readStatus } from "#app/admin/status/read-status.server.ts";
import { RunPage } from "#app/components/runs/run-page.tsx";
import { PageError } from "#app/components/shell/page-error.tsx";
import { pageTitle } from "#app/components/shell/page-title.ts";
import { stopRun } from "#app/tasks/runs/stop-run.server.ts";
import { runTexts } from "#app/texts/events/run.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(data?.run.title ?? runTexts.titles.send);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context, request, params }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const page = toRunPage(new URL(request.url).searchParams.get("page"));
  const run = await readRun(context, merchant.shop, toRunId(params.runId), { page });
  if (run === null) throw Response.json(null, { status: 404 });
  const status = await readStatus(context, merchant);
  return { status, run: describeRun(run, merchant.format) };
}

/** Stops the run. */
export async function action({ context, params }: ActionFunctionArgs) {
  const merchant = await context.merchant();
  const isKnown = await stopRun(context, merchant, toRunId(params.runId));
  if (!isKnown) throw Response.json(null, { status: 404 });
  return null;
}

export default function Run() {
  return <RunPage {...useLoaderData<typeof loader>()} />;
}

export const ErrorBoundary = PageError;
