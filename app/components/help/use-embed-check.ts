import { useEffect, useState } from "react";
import { appBridge } from "#app/components/shell/app-bridge.ts";
import { helpTexts } from "#app/texts/help/help.ts";
import type { CheckRow } from "#app/texts/help/help-page.ts";

/**
 * Whether the theme embed is on, which App Bridge alone can tell. Null until it has answered, and
 * when it can't: the server's row says "Not known".
 */
export function useEmbedCheck(): CheckRow | null {
  const [row, setRow] = useState<CheckRow | null>(null);
  useEffect(() => {
    let isGone = false;
    appBridge()
      ?.app.extensions()
      .then((extensions) => {
        const isOn = extensions
          .filter(({ type }) => type === "theme_app_extension")
          .some(({ activations = [] }) => activations.some(({ status }) => status === "active"));
        const { embedOn, embedOff } = helpTexts.check;
        const known = isOn
          ? ({ result: "ok", text: embedOn } as const)
          : ({ result: "unknown", text: embedOff } as const);
        if (!isGone) setRow({ id: "embed", ...known, detail: null, fix: null });
      })
      .catch(() => {});
    return () => {
      isGone = true;
    };
  }, []);
  return row;
}
