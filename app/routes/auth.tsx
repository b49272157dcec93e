import type { LoaderFunctionArgs } from "@remix-run/server-runtime";

/** Shopify's own pages: a new session token, leaving the frame. The library throws them. */
export async function loader({ context }: LoaderFunctionArgs) {
  await context.signIn();
  return null;
}
