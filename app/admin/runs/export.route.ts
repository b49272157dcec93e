import type { LoaderFunctionArgs } from "@remix-run/server-runtime";
import { csvResponse } from "#app/admin/shell/csv.server.ts";
import { exportRun } from "./export-run.server.ts";
import { readRun, toRunId } from "./read-run.server.ts";

/** A run's result as a file. */
export async function loader({ context, params }: LoaderFunctionArgs) {
  const { shop } = await context.merchant();
  const runId = toRunId(params.runId);
  const run = await readRun(context, shop, runId);
  if (run === null) throw Response.json(null, { status: 404 });
  return csvResponse(exportRun(context, shop, runId));
}
