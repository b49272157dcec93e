import { type LoaderFunctionArgs, redirect } from "@remix-run/server-runtime";

/** Where the page was. What Shopify put into the address must go with it. */
export function loader({ request }: LoaderFunctionArgs) {
  return redirect(`/app/settings/connection${new URL(request.url).search}`);
}
