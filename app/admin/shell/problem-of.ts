import { MERCHANT_ERRORS } from "#app/events/merchant-errors.ts";

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

const { title, cause, nextStep } = MERCHANT_ERRORS.page_failed;

/**
 * The text for an HTTP status. It says nothing of what exactly was thrown: the log has that, under
 * `reference` where there is one.
 */
export function problemOf(
  status: number,
  { reference, why }: { reference?: string; why?: string } = {},
): ProblemText {
  if (why === "token_refused") return TOKEN_REFUSED;
  if (status === 404) return NOT_FOUND;
  if (status >= 400 && status < 500) return NOT_SIGNED_IN;
  const where = reference === undefined ? "" : ` (reference ${reference})`;
  return { title, cause: `${cause.replace(" (reference {reference})", where)}.`, action: nextStep };
}
