import { type LoaderFunctionArgs, redirect } from "@remix-run/server-runtime";

/** Shopify opens the app's bare address after an install; the admin is at /app. */
export function loader({ request }: LoaderFunctionArgs) {
  const { search, searchParams } = new URL(request.url);
  return redirect(searchParams.has("shop") ? `/app${search}` : "/auth/login");
}
