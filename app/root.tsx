import {
  isRouteErrorResponse,
  Links,
  Meta,
  type MetaFunction,
  Outlet,
  Scripts,
  ScrollRestoration,
  useRouteError,
  useRouteLoaderData,
} from "@remix-run/react";
import type { LinksFunction } from "@remix-run/server-runtime";
import polaris from "@shopify/polaris/build/esm/styles.css?url";
import { type CSSProperties, type ReactNode, useContext } from "react";
import { BARE_ATTRIBUTE, Bare } from "#app/admin/shell/guarded.tsx";
import { Nonce } from "#app/admin/shell/nonce.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { describeProblem, StandalonePage } from "#app/admin/shell/page.tsx";

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: polaris },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export const meta: MetaFunction = () => [{ title: "Pinrelay" }];

/**
 * What Polaris writes onto the page once it runs. Where it is there from the start, the browser need
 * not style every element anew: 0.1 s for each of these on a slow phone.
 */
const ROOT_STYLE = {
  "--pc-app-provider-scrollbar-width": "0px",
  "--pc-checkbox-offset": "38px",
} as CSSProperties;
const BODY_STYLE = { backgroundColor: "var(--p-color-bg)", color: "var(--p-color-text)" };

export function Layout({ children }: { children: ReactNode }) {
  const isBare = useContext(Bare);
  const nonce = useContext(Nonce);
  const signed = nonce === undefined ? {} : { nonce };
  const shell = useRouteLoaderData("admin/shell/app.route") as { locale?: string } | undefined;
  return (
    <html
      lang={shell?.locale ?? "en"}
      className="p-theme-light"
      style={ROOT_STYLE}
      {...(isBare && { [BARE_ATTRIBUTE]: "" })}
    >
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body style={BODY_STYLE}>
        {children}
        <ScrollRestoration {...signed} />
        <Scripts {...signed} />
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}

/** The last resort: whatever no page of its own could show. */
export function ErrorBoundary() {
  const error = useRouteError();
  const { status, data } = isRouteErrorResponse(error) ? error : { status: 500, data: null };
  return (
    <StandalonePage>
      <NoticeView place="page" notice={describeProblem(status, data ?? {})} />
    </StandalonePage>
  );
}
