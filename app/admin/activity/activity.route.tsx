import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type { HeadersFunction, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { nameExportFile, parseActivityFilter } from "./activity-filter.server.ts";
import { ActivityPage } from "./activity-page.tsx";
import { readActivity } from "./read-activity.server.ts";
import { activityTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(activityTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const filter = parseActivityFilter(new URL(request.url).searchParams);
  const [status, activity] = await Promise.all([
    readStatus(context, merchant),
    readActivity(context, merchant, filter),
  ]);
  return { status, activity, exportFile: nameExportFile(filter, merchant.format) };
}

export default function Activity() {
  return <ActivityPage {...useLoaderData<typeof loader>()} />;
}

export const ErrorBoundary = PageError;
