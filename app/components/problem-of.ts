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

const FAILED: ProblemText = {
  title: "This page could not be shown",
  cause: "Something failed in Pinrelay while the page was made. Your settings are unchanged.",
  action:
    "Try again in a minute. If it stays, tell whoever runs Pinrelay for you when it happened.",
};

/** The text for an HTTP status. It says nothing of what exactly was thrown: that is in the log. */
export function problemOf(status: number): ProblemText {
  if (status === 404) return NOT_FOUND;
  return status >= 400 && status < 500 ? NOT_SIGNED_IN : FAILED;
}
