import { BlockStack, Card, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { HelpEntry } from "./list-help-entries.server.ts";
import { helpTexts } from "./texts.ts";
import "./help.css";

const { title, label, help, none, messages } = helpTexts.search;

/** What a merchant may see, folded; typed words show whole what holds every one of them. */
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
        {words.length > 0 ? (
          <Entries entries={found} isOpen />
        ) : (
          <>
            <Entries entries={entries.filter((entry) => entry.isSymptom)} />
            <details className="help-entry">
              <summary>
                <Text as="h3" variant="bodyMd" fontWeight="semibold">
                  {messages}
                </Text>
              </summary>
              <Entries entries={entries.filter((entry) => !entry.isSymptom)} />
            </details>
          </>
        )}
      </BlockStack>
    </Card>
  );
}

function Entries({ entries, isOpen = false }: { entries: HelpEntry[]; isOpen?: boolean }) {
  return (
    <div>
      {entries.map((entry) => (
        <details key={entry.id} className="help-entry" open={isOpen}>
          <summary>
            <Text as="h3" variant="bodyMd" fontWeight="semibold">
              {entry.title}
            </Text>
          </summary>
          <BlockStack gap="100">
            {entry.paragraphs.map((paragraph) => (
              <Text key={paragraph} as="p">
                {paragraph}
              </Text>
            ))}
          </BlockStack>
        </details>
      ))}
    </div>
  );
}
