import type { LoaderFunctionArgs } from "@remix-run/server-runtime";
import { readAnswer } from "#app/privacy/answer-data-request.server.ts";

/** The answer to a customer's request for their data, as a file for the merchant. */
export async function loader({ context, params }: LoaderFunctionArgs) {
  const { shop, actor } = await context.merchant();
  const id = params.requestId ?? "";
  const answer = /^\d{1,18}$/.test(id)
    ? await readAnswer(context, shop, { requestId: BigInt(id), actor })
    : null;
  if (answer === null) throw Response.json(null, { status: 404 });
  return new Response(new Uint8Array(answer), {
    headers: { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" },
  });
}
