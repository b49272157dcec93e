import { isRouteErrorResponse, useRevalidator, useRouteError } from "@remix-run/react";
import { Problem } from "./problem.tsx";
import { problemOf } from "./problem-of.ts";

/** In place of a page that failed. A route's `ErrorBoundary`, so that the navigation stays. */
export function PageError() {
  const error = useRouteError();
  const { revalidate } = useRevalidator();
  const response = isRouteErrorResponse(error) ? error : null;
  const problem = problemOf(response?.status ?? 500, response?.data ?? {});
  return <Problem problem={problem} onRetry={revalidate} />;
}
