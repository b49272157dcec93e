import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type { HeadersFunction, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { exportFileOf, parseActivityFilter } from "#app/admin/activity/activity-filter.server.ts";
import { readActivity } from "#app/admin/activity/read-activity.server.ts";
import { readStatus } from "#app/admin/status/read-status.server.ts";
import { ActivityPage } from "#app/components/activity/activity-page.tsx";
import { PageError } from "#app/components/shell/page-error.tsx";
import { pageTitle } from "#app/components/shell/page-title.ts";
import { activityTexts } from "#app/texts/settings/activity.ts";

export const meta: MetaFunction = () => pageTitle(activityTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const filter = parseActivityFilter(new URL(request.url).searchParams);
  const [status, activity] = await Promise.all([
    readStatus(context, merchant),
    readActivity(context, merchant, filter),
  ]);
  return { status, activity, exportFile: exportFileOf(filter, merchant.format) };
}

export default function Activity() {
  return <ActivityPage {...useLoaderData<typeof loader>()} />;
}

export const ErrorBoundary = PageError;
