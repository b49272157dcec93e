import type { LoaderFunctionArgs } from "@remix-run/server-runtime";
import {
  countExport,
  EXPORT_LIMIT,
  exportEvents,
} from "#app/admin/event-export/export-events.server.ts";
import { csvResponse } from "#app/admin/format/csv-response.server.ts";
import { describeMerchantError } from "#app/events/merchant-errors.ts";
import { parseEventFilter } from "#app/events/screens/event-filter.ts";

/** The list's file; 422 with what to do where it would be too long. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const filter = parseEventFilter(new URL(request.url).searchParams);
  const rows = await countExport(context, merchant, filter);
  if (rows > EXPORT_LIMIT) {
    const n = merchant.format.number(rows);
    return Response.json(describeMerchantError("export_too_large", { n }), { status: 422 });
  }
  return csvResponse(exportEvents(context, merchant, filter));
}
