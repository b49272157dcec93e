/** The theme's app embed, as Liquid would make it of the extension's block. */

export interface EmbedFacts {
  /** A metafield of the app's installation: `settings.tag_id`. */
  metafield(place: string): string | undefined;
}

export function renderEmbed(_facts: EmbedFacts): string {
  return "";
}
