import { setTimeout as wait } from "node:timers/promises";
import type { ActionFunctionArgs } from "@remix-run/server-runtime";
import { type FlowAnswer, refuse, retryLater } from "#app/flow/flow-answer.server.ts";
import { sendFlowEvent } from "#app/flow/send-flow-event.server.ts";

const DATABASE_DOWN = { code: "unavailable", message: "The event could not be stored." };

const NOT_ACCEPTED = {
  code: "unauthorized",
  message: "Shopify's signature is wrong, or Pinrelay has no access to this store any more.",
  action: "Open Pinrelay in the Shopify admin once, then run this again.",
};

/** Shopify Flow's action "Send Pinterest event": one run of it, signed by Shopify. */
export async function action({ request, context }: ActionFunctionArgs): Promise<Response> {
  if (request.method !== "POST") return loader();
  try {
    const { session, admin, body } = await context.shopify.authenticate.flow(request);
    const services = { ...context, nowMs: Date.now, wait: (ms: number) => wait(ms) };
    return answer(await sendFlowEvent(services, { shopDomain: session.shop, body, admin }));
  } catch (thrown) {
    if (thrown instanceof Response) return explain(thrown);
    context.log.error({ err: thrown }, "flow action failed");
    return answer(retryLater(DATABASE_DOWN));
  }
}

export function loader(): Response {
  return new Response(null, { status: 405, headers: { Allow: "POST" } });
}

/** The library says 400 without a word, and a merchant would look in vain for what to do. */
function explain(thrown: Response): Response {
  return thrown.status === 400 ? Response.json(refuse(NOT_ACCEPTED).body, { status: 400 }) : thrown;
}

function answer({ status, body, retryAfterSeconds }: FlowAnswer): Response {
  const headers = new Headers();
  if (retryAfterSeconds !== undefined) headers.set("Retry-After", String(retryAfterSeconds));
  return Response.json(body, { status, headers });
}
