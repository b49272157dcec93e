import type { LoaderFunctionArgs } from "@remix-run/server-runtime";
import { parseActivityFilter } from "./activity-filter.server.ts";
import { exportActivity } from "./read-activity.server.ts";

/** The whole of a filtered list as CSV; 422 where it is too long for one file. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const filter = parseActivityFilter(new URL(request.url).searchParams);
  const result = await exportActivity(context, merchant, filter);
  if (!result.ok) return Response.json(result.problem, { status: 422 });
  return new Response(result.csv, {
    headers: { "Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store" },
  });
}
