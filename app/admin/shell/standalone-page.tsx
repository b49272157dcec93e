import { AppProvider } from "@shopify/polaris";
import english from "@shopify/polaris/locales/en.json" with { type: "json" };
import type { ReactNode } from "react";

/** A page that stands outside the Shopify admin, or where the admin's shell could not be made. */
export function StandalonePage({ children }: { children: ReactNode }) {
  return (
    <AppProvider i18n={english}>
      <main id="main">{children}</main>
    </AppProvider>
  );
}
