import { isRouteErrorResponse, useRevalidator, useRouteError } from "@remix-run/react";
import { BlockStack, Button, Card, InlineStack, Page, Text } from "@shopify/polaris";
import { NOTICES } from "#app/events/notices/notices.ts";
import { shellTexts } from "./texts.ts";

/** The page shown when a page failed: a route's `ErrorBoundary`, so that the navigation stays. */
export function PageError() {
  const error = useRouteError();
  const { revalidate } = useRevalidator();
  const response = isRouteErrorResponse(error) ? error : null;
  const problem = describeProblem(response?.status ?? 500, response?.data ?? {});
  return <Problem problem={problem} onRetry={revalidate} />;
}

/** What went wrong with a page, in a merchant's words: effect, cause, and what to do. */
export interface ProblemText {
  title: string;
  cause: string;
  action: string;
}

const NOT_FOUND: ProblemText = {
  title: "This page does not exist",
  cause: "The address may be old, or mistyped.",
  action: "Open Pinrelay from the list of apps in your Shopify admin.",
};

const NOT_SIGNED_IN: ProblemText = {
  title: "Pinrelay does not know which store this is",
  cause: "The page was opened outside the Shopify admin, or was left open for too long.",
  action: "Open Pinrelay from the list of apps in your Shopify admin.",
};

const TOKEN_REFUSED: ProblemText = {
  title: "Shopify does not confirm who you are",
  cause: "Shopify gave Pinrelay a sign-in for this store and refused it, three times in a row.",
  action:
    "Try again in a few minutes. If the problem stays, ask the operator of Pinrelay to compare the app's client ID and secret with those in Shopify.",
};

const { title, cause, nextStep } = NOTICES.page_failed;

/**
 * The text for an HTTP status. It says nothing of what exactly was thrown: the log has that, under
 * `reference` where there is one.
 */
export function describeProblem(
  status: number,
  { reference, why }: { reference?: string; why?: string } = {},
): ProblemText {
  if (why === "token_refused") return TOKEN_REFUSED;
  if (status === 404) return NOT_FOUND;
  if (status >= 400 && status < 500) return NOT_SIGNED_IN;
  const where = reference === undefined ? "" : ` (reference ${reference})`;
  return { title, cause: cause.replace(" (reference {reference})", where), action: nextStep };
}

interface ProblemProps {
  problem: ProblemText;
  /** Absent where trying again cannot help. */
  onRetry?: () => void;
}

/** A page that could not be shown: the effect, one sentence of cause, one next step. */
export function Problem({ problem, onRetry }: ProblemProps) {
  return (
    <Page title={problem.title}>
      <Card>
        <BlockStack gap="300">
          <Text as="p">{problem.cause}</Text>
          <Text as="p">{problem.action}</Text>
          {onRetry !== undefined && (
            <InlineStack>
              <Button onClick={onRetry}>{shellTexts.tryAgain}</Button>
            </InlineStack>
          )}
        </BlockStack>
      </Card>
    </Page>
  );
}
