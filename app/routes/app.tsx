import {
  isRouteErrorResponse,
  Outlet,
  type ShouldRevalidateFunction,
  useLoaderData,
  useRevalidator,
  useRouteError,
} from "@remix-run/react";
import type { HeadersFunction, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { AppProvider } from "@shopify/shopify-app-remix/react";
import { boundary } from "@shopify/shopify-app-remix/server";
import { Problem } from "#app/components/problem.tsx";
import { problemOf } from "#app/components/problem-of.ts";
import { StandalonePage } from "#app/components/standalone-page.tsx";

export async function loader({ context }: LoaderFunctionArgs) {
  await context.signIn();
  return { apiKey: context.config.SHOPIFY_API_KEY, appBridgeUrl: context.shopify.appBridgeUrl };
}

/** The shell is the same for as long as the page is open. */
export const shouldRevalidate: ShouldRevalidateFunction = () => false;

export const headers: HeadersFunction = (args) => boundary.headers(args);

export default function App() {
  const { apiKey, appBridgeUrl } = useLoaderData<typeof loader>();
  return (
    <AppProvider
      isEmbeddedApp
      apiKey={apiKey}
      {...(appBridgeUrl !== null && { __APP_BRIDGE_URL: appBridgeUrl })}
    >
      <main id="main">
        <Outlet />
      </main>
    </AppProvider>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  const { revalidate } = useRevalidator();
  const status = isRouteErrorResponse(error) ? error.status : 500;
  return (
    <StandalonePage>
      <Problem problem={problemOf(status)} onRetry={revalidate} />
    </StandalonePage>
  );
}
