import { describeOpenApi } from "#app/tasks/openapi/describe-openapi.server.ts";

const CACHED = { "Cache-Control": "public, max-age=300" };

export function loader() {
  return Response.json(describeOpenApi(), { headers: CACHED });
}
