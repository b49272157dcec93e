import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { stopRun } from "#app/runs/stop-run.server.ts";
import { describeRun } from "./describe-run.server.ts";
import { readRun, toRunId, toRunPage } from "./read-run.server.ts";
import { RunPage } from "./run-page.tsx";
import { runTexts } from "./texts.ts";

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
