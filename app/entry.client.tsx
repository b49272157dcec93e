import { RemixBrowser } from "@remix-run/react";
import { StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { FillBarePage } from "#app/admin/shell/guarded.tsx";

/**
 * Shopify names the reader's language in the address of the first page alone. Numbers would change
 * their form with the first click if the pages after it did not hear of it.
 */
function tellLocale(): void {
  const locale = document.documentElement.lang;
  const send = window.fetch;
  window.fetch = (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).origin === location.origin) {
      request.headers.set("X-Pinrelay-Locale", locale);
    }
    return send(request);
  };
}

/**
 * Polaris looks at the window's width as soon as it runs, while parts of the page that wait for
 * Pinterest or Shopify are not taken over yet. React then draws those in the browser instead, which
 * is as well; every other thing that it had to mend is a fault of ours.
 */
function reportMended(error: unknown): void {
  const text = String(error);
  if (text.includes("#421") || text.includes("before it finished hydrating")) return;
  reportError(error);
}

tellLocale();
// In one go, not as a transition in slices: the first key or click in between would begin it anew.
hydrateRoot(
  document,
  <StrictMode>
    <FillBarePage>
      <RemixBrowser />
    </FillBarePage>
  </StrictMode>,
  { onRecoverableError: reportMended },
);
