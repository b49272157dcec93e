import { useThemeEmbed } from "#app/admin/shell/use-theme-embed.ts";
import { helpTexts } from "./texts.ts";
import type { CheckRow } from "./view.ts";

/**
 * Whether the theme embed is on, as a row of the checks. Null until App Bridge has answered, and when
 * it can't: the server's row says "Not known".
 */
export function useEmbedCheck(): CheckRow | null {
  const embed = useThemeEmbed();
  if (embed === "asking" || embed === "unknown") return null;
  const { embedOn, embedOff } = helpTexts.check;
  const known =
    embed === "active"
      ? ({ result: "ok", text: embedOn } as const)
      : ({ result: "unknown", text: embedOff } as const);
  return { id: "embed", ...known, detail: null, fix: null };
}
