import type { ShopifyGlobal } from "@shopify/app-bridge-types";

/** Undefined while the page is rendered on the server, and outside the Shopify admin. */
export function appBridge(): ShopifyGlobal | undefined {
  if (typeof window === "undefined") return undefined;
  return (window as { shopify?: ShopifyGlobal }).shopify;
}

/** Confirms what was done; an error never stands in a toast, because toasts go. */
export function showToast(message: string, undo?: { label: string; run: () => void }): void {
  appBridge()?.toast.show(message, {
    ...(undo !== undefined && { action: undo.label, onAction: undo.run }),
  });
}
