import { BlockStack, Card, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import { helpTexts } from "./texts.ts";
import type { HelpEntry } from "./view.ts";

const { title, label, help, none } = helpTexts.search;

/** All that can go wrong, narrowed to what holds every word that was typed. */
export function ProblemSearch({ entries }: { entries: HelpEntry[] }) {
  const [query, setQuery] = useState("");
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter((entry) => {
    const text = [entry.title, ...entry.paragraphs].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        <TextField
          label={label}
          value={query}
          onChange={setQuery}
          helpText={help}
          autoComplete="off"
          type="search"
          clearButton
          onClearButtonClick={() => setQuery("")}
        />
        <div aria-live="polite">{found.length === 0 && <Text as="p">{none}</Text>}</div>
        {found.map(({ id, title: entryTitle, paragraphs }) => (
          <BlockStack key={id} gap="100">
            <Text as="h3" variant="bodyMd" fontWeight="semibold">
              {entryTitle}
            </Text>
            {paragraphs.map((paragraph) => (
              <Text key={paragraph} as="p">
                {paragraph}
              </Text>
            ))}
          </BlockStack>
        ))}
      </BlockStack>
    </Card>
  );
}
