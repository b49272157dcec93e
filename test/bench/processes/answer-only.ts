// The ceiling that node:http sets on this machine: reads each body and answers 200. It checks no
// signature, parses nothing and stores nothing.
import { createByteBudget } from "#app/platform/bodies/byte-budget.server.ts";
import { readBody } from "#app/platform/bodies/read-body.server.ts";
import { serve } from "./serve.ts";

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const bodies = createByteBudget();

await serve(async (request, response) => {
  const share = bodies.open();
  await readBody(request, { maxBytes: MAX_BODY_BYTES, share });
  share.release();
  response.end();
});
