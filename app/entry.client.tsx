import { RemixBrowser } from "@remix-run/react";
import { StrictMode, startTransition } from "react";
import { hydrateRoot } from "react-dom/client";

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

tellLocale();
startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <RemixBrowser />
    </StrictMode>,
  );
});
