import { readFileSync } from "node:fs";

/** The app embed of a shop's theme: what Shopify makes of the extension's block. */

const BLOCK = new URL(
  "../../../extensions/pinrelay-tag/blocks/pinrelay-tag.liquid",
  import.meta.url,
);

/** The values that the block's Liquid asks for, by what it calls them. */
export type EmbedValues = Record<string, string | null>;

/**
 * Renders the block with as much of Liquid as it uses: `{{ name | json }}`, comments, the schema with
 * the name of its script. Assignments are the caller's: `values` has what they come to.
 */
export function renderEmbed(values: EmbedValues): string {
  const source = readFileSync(BLOCK, "utf8");
  const [, schema = "{}"] = /\{% schema %\}(.*)\{% endschema %\}/s.exec(source) ?? [];
  const { javascript } = JSON.parse(schema) as { javascript: string };
  const markup = source
    .replace(/\{% schema %\}.*\{% endschema %\}/s, "")
    .replace(/\{%-? comment -?%\}.*?\{%-? endcomment -?%\}/gs, "")
    .replace(/\{%-? liquid.*?-?%\}/gs, "")
    .replace(/\{\{-?\s*([\w.]+) \| json\s*-?\}\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the app embed asks for ${name}`);
      return JSON.stringify(value).replaceAll("<", "\\u003c");
    });
  const rest = /\{[{%].*?[%}]\}/.exec(markup)?.[0];
  if (rest !== undefined)
    throw new Error(`the app embed uses Liquid that is not known here: ${rest}`);
  return `${markup.trim()}\n<script src="/storefront/assets/embed/${javascript}" defer></script>`;
}
