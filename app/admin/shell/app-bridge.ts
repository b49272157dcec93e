import type { ShopifyGlobal } from "@shopify/app-bridge-types";
import { startTransition, useEffect, useState } from "react";

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

/** `none`: this app has no theme embed in the store. */
export type EmbedState = "asking" | "active" | "off" | "none" | "unknown";

/** Whether the theme embed is on in the published theme. Only the page inside the admin can ask. */
export function useThemeEmbed(): EmbedState {
  const [state, setState] = useState<EmbedState>("asking");
  useEffect(() => {
    let isGone = false;
    const tell = (found: EmbedState) => {
      // At once, the answer would meet parts of the page that React has not taken over yet.
      if (!isGone) startTransition(() => setState(found));
    };
    readEmbed().then(tell, () => tell("unknown"));
    return () => {
      isGone = true;
    };
  }, []);
  return state;
}

async function readEmbed(): Promise<EmbedState> {
  const bridge = appBridge();
  if (bridge === undefined) return "unknown";
  const extensions = await bridge.app.extensions();
  const embeds = extensions.filter(({ type }) => type === "theme_app_extension");
  if (embeds.length === 0) return "none";
  const isOn = embeds.some(({ activations }) =>
    activations.some((part) => "status" in part && part.status === "active"),
  );
  return isOn ? "active" : "off";
}
