import type { LoaderFunctionArgs } from "@remix-run/server-runtime";
import { csvResponse, EXPORT_LIMIT } from "#app/admin/shell/csv.server.ts";
import { parseEventFilter } from "#app/admin/shell/event-filter.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import { countExport, exportEvents } from "./export-events.server.ts";

/** The list as a file; 422 with the next step where it would be too long. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const filter = parseEventFilter(new URL(request.url).searchParams);
  const rows = await countExport(context, merchant, filter);
  if (rows > EXPORT_LIMIT) {
    const n = merchant.format.number(rows);
    return Response.json(formatNotice("export_too_large", { n }), { status: 422 });
  }
  return csvResponse(exportEvents(context, merchant, filter));
}
