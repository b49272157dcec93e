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

/**
 * The state of the theme embed in the published theme. `unavailable`: the theme does not support
 * one; `none`: this app has no theme embed at Shopify.
 */
export type EmbedState = "asking" | "active" | "off" | "unavailable" | "none" | "unknown";

/** The block of the theme app extension. */
const EMBED_HANDLE = "pinrelay-tag";

/**
 * Whether the theme embed is on in the published theme. Only the page inside the admin can ask; it
 * asks again when a merchant comes back from the theme editor.
 */
export function useThemeEmbed(): EmbedState {
  const [state, setState] = useState<EmbedState>("asking");
  useEffect(() => {
    let isGone = false;
    const tell = (found: EmbedState) => {
      // An immediate answer would change parts of the page that React has not hydrated yet.
      if (!isGone) startTransition(() => setState(found));
    };
    const ask = () => {
      if (document.visibilityState === "visible") readEmbed().then(tell, () => tell("unknown"));
    };
    ask();
    document.addEventListener("visibilitychange", ask);
    return () => {
      isGone = true;
      document.removeEventListener("visibilitychange", ask);
    };
  }, []);
  return state;
}

/** The part of App Bridge's own type that is read here: it exports the union alone. */
interface ThemeExtensionActivation {
  handle: string;
  status: "active" | "available" | "unavailable";
}

async function readEmbed(): Promise<EmbedState> {
  const bridge = appBridge();
  if (bridge === undefined) return "unknown";
  const extensions = await bridge.app.extensions();
  const states = extensions
    .filter(({ type }) => type === "theme_app_extension")
    .flatMap(({ activations }) => activations as ThemeExtensionActivation[])
    .filter(({ handle }) => handle === EMBED_HANDLE)
    .map(({ status }) => status);
  if (states.includes("active")) return "active";
  if (states.includes("available")) return "off";
  return states.length === 0 ? "none" : "unavailable";
}
