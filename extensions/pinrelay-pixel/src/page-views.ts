import type { CutEvent } from "./cut-event.ts";

/** Shopify publishes both events of a product's page within a few milliseconds. */
const MOMENT_MS = 1_000;

export interface PageViews {
  take(event: CutEvent, href: unknown): void;
  /** Drops the view that waits, where consent is withdrawn. */
  drop(): void;
}

/**
 * Makes one view of a product's page out of `page_viewed` and `product_viewed`: the second says
 * more. Only the view of a product's page waits for it, since a page that is left loses what waits.
 */
export function createPageViews(pass: (event: CutEvent) => void): PageViews {
  let held: { event: CutEvent; href: unknown } | undefined;
  let productHref: unknown;

  const release = () => {
    const view = held;
    held = undefined;
    if (view !== undefined) pass(view.event);
  };
  return {
    take(event, href) {
      if (event.name === "product_viewed") {
        if (held?.href === href) held = undefined;
        productHref = href;
        setTimeout(() => {
          productHref = undefined;
        }, MOMENT_MS);
        return pass(event);
      }
      if (event.name !== "page_viewed" || !isProductPage(href)) return pass(event);
      release();
      if (href === productHref) return;
      const view = { event, href };
      held = view;
      setTimeout(() => {
        if (held === view) release();
      }, MOMENT_MS);
    },
    drop() {
      held = undefined;
    },
  };
}

function isProductPage(href: unknown): boolean {
  return typeof href === "string" && /^[^?#]*\/products\//.test(href);
}
