import { useEffect, useState } from "react";
import { appBridge } from "#app/components/shell/app-bridge.ts";

export type EmbedState = "asking" | "on" | "off" | "unknown";

/** Whether the published theme has our app embed on, as Shopify tells the page; only the page can ask. */
export function useThemeEmbed(): EmbedState {
  const [state, setState] = useState<EmbedState>("asking");
  useEffect(() => {
    let isShown = true;
    readEmbed().then(
      (found) => isShown && setState(found),
      () => isShown && setState("unknown"),
    );
    return () => {
      isShown = false;
    };
  }, []);
  return state;
}

async function readEmbed(): Promise<EmbedState> {
  const extensions = (await appBridge()?.app.extensions()) ?? [];
  const embeds = extensions.filter(({ type }) => type === "theme_app_extension");
  if (embeds.length === 0) return "unknown";
  const isOn = embeds.some(({ activations = [] }) =>
    activations.some(({ status }) => status === "active"),
  );
  return isOn ? "on" : "off";
}
