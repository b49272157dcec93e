// The ceiling that node:http sets on this machine: reads each body and answers 200. It checks no
// signature, parses nothing and stores nothing.
import { readBody } from "#app/intake/read-body.server.ts";
import { serve } from "./serve.ts";

const MAX_BODY_BYTES = 2 * 1024 * 1024;

await serve(async (request, response) => {
  await readBody(request, MAX_BODY_BYTES);
  response.end();
});
