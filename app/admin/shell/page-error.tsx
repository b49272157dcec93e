import { isRouteErrorResponse, useRouteError } from "@remix-run/react";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import { noticeTexts } from "#app/events/notices/notices.ts";
import { NoticeView } from "./notice-view.tsx";
import { shellTexts } from "./texts.ts";

/** The page shown when a page failed: a route's `ErrorBoundary`, so that the navigation stays. */
export function PageError() {
  const error = useRouteError();
  const response = isRouteErrorResponse(error) ? error : null;
  const problem = describeProblem(response?.status ?? 500, response?.data ?? {});
  const action = { label: shellTexts.tryAgain, intent: "retry" } as const;
  return <NoticeView place="page" notice={{ ...problem, action }} />;
}

const NOT_FOUND: NoticeWords = {
  title: "This page does not exist",
  cause: "The address may be old, or mistyped.",
  nextStep: "Open Pinrelay from the list of apps in your Shopify admin.",
};

const NOT_SIGNED_IN: NoticeWords = {
  title: "Pinrelay does not know which store this is",
  cause: "The page was opened outside the Shopify admin, or was left open for too long.",
  nextStep: "Open Pinrelay from the list of apps in your Shopify admin.",
};

const TOKEN_REFUSED: NoticeWords = {
  title: "Shopify does not confirm who you are",
  cause: "Shopify gave Pinrelay a sign-in for this store and refused it, three times in a row.",
  nextStep:
    "Try again in a few minutes. If the problem stays, ask the operator of Pinrelay to compare the app's client ID and secret with those in Shopify.",
};

const { title, cause, nextStep } = noticeTexts("page_failed");

/**
 * The text for an HTTP status. It says nothing of what exactly was thrown: the log has that, under
 * `reference` where there is one.
 */
export function describeProblem(
  status: number,
  { reference, why }: { reference?: string; why?: string } = {},
): NoticeWords {
  if (why === "token_refused") return TOKEN_REFUSED;
  if (status === 404) return NOT_FOUND;
  if (status >= 400 && status < 500) return NOT_SIGNED_IN;
  const where = reference === undefined ? "" : ` (reference ${reference})`;
  return { title, cause: cause.replace(" (reference {reference})", where), nextStep };
}
