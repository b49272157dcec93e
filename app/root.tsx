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
import type { ReactNode } from "react";
import { Problem } from "#app/components/problem.tsx";
import { problemOf } from "#app/components/problem-of.ts";
import { StandalonePage } from "#app/components/standalone-page.tsx";

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: polaris },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export const meta: MetaFunction = () => [{ title: "Pinrelay" }];

export function Layout({ children }: { children: ReactNode }) {
  const shell = useRouteLoaderData("routes/app") as { locale?: string } | undefined;
  return (
    <html lang={shell?.locale ?? "en"}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration />
        <Scripts />
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
  const status = isRouteErrorResponse(error) ? error.status : 500;
  return (
    <StandalonePage>
      <Problem problem={problemOf(status)} />
    </StandalonePage>
  );
}
