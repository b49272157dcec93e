import {
  Link,
  Outlet,
  type ShouldRevalidateFunction,
  useLoaderData,
  useLocation,
} from "@remix-run/react";
import type { HeadersFunction, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { AppProvider } from "@shopify/shopify-app-remix/react";
import { boundary } from "@shopify/shopify-app-remix/server";
import { useEffect, useRef } from "react";
import { PageError, StandalonePage } from "./page.tsx";
import { shellTexts } from "./texts.ts";

export async function loader({ context }: LoaderFunctionArgs) {
  const { locale } = await context.merchant();
  return {
    apiKey: context.config.SHOPIFY_API_KEY,
    appBridgeUrl: context.shopify.appBridgeUrl,
    locale,
  };
}

/** The shell is the same for as long as the page is open. */
export const shouldRevalidate: ShouldRevalidateFunction = () => false;

export const headers: HeadersFunction = (args) => boundary.headers(args);

const { nav } = shellTexts;

export default function App() {
  const { apiKey, appBridgeUrl } = useLoaderData<typeof loader>();
  useHeadingFocus();
  return (
    <AppProvider
      isEmbeddedApp
      apiKey={apiKey}
      {...(appBridgeUrl !== null && { __APP_BRIDGE_URL: appBridgeUrl })}
    >
      <ui-nav-menu>
        <Link to="/app" rel="home">
          {nav.home}
        </Link>
        <Link to="/app/events">{nav.events}</Link>
        <Link to="/app/quality">{nav.quality}</Link>
        <Link to="/app/tags">{nav.tags}</Link>
        <Link to="/app/send">{nav.send}</Link>
        <Link to="/app/settings">{nav.settings}</Link>
        <Link to="/app/help">{nav.help}</Link>
      </ui-nav-menu>
      <main id="main">
        <Outlet />
      </main>
    </AppProvider>
  );
}

/** Moves the focus to the title of a new page: a screen reader would stay where it was. */
function useHeadingFocus(): void {
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    const heading = document.querySelector<HTMLElement>("h1");
    if (heading === null) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }, [pathname]);
}

export function ErrorBoundary() {
  return (
    <StandalonePage>
      <PageError />
    </StandalonePage>
  );
}
