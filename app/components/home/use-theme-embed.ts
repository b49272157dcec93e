import { useEffect, useState } from "react";
import { appBridge } from "#app/components/shell/app-bridge.ts";

export type EmbedState = "asking" | "active" | "off" | "unknown";

/** Whether a theme embed of this app is on, in the published theme. Only the admin's frame can ask. */
export function useThemeEmbed(): EmbedState {
  const [state, setState] = useState<EmbedState>("asking");
  useEffect(() => {
    let isGone = false;
    const asked = appBridge()?.app.extensions() ?? Promise.reject(new TypeError("no App Bridge"));
    asked
      .then((extensions) => {
        const isActive = extensions
          .filter(({ type }) => type === "theme_app_extension")
          .some(({ activations = [] }) => activations.some(({ status }) => status === "active"));
        return isActive ? ("active" as const) : ("off" as const);
      })
      .catch(() => "unknown" as const)
      .then((answer) => !isGone && setState(answer));
    return () => {
      isGone = true;
    };
  }, []);
  return state;
}
