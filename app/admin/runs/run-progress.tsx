import { BlockStack, InlineStack, Link, Text } from "@shopify/polaris";
import { Time } from "#app/admin/shell/time.tsx";
import type { RunFacts } from "./describe-run.server.ts";
import { runTexts } from "./texts.ts";
import "./runs.css";

/** The bar, and the same in words. */
export function RunProgress({ run }: { run: RunFacts }) {
  const { percent, percentText, sentence, note, leftOut, file, chosen } = run;
  return (
    <BlockStack gap="300">
      <InlineStack gap="200" align="space-between">
        <Text as="h2" variant="headingMd">
          {runTexts.progress}
        </Text>
        <Text as="span" numeric>
          {percentText}
        </Text>
      </InlineStack>
      <div
        className="run-bar"
        role="progressbar"
        aria-label={runTexts.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={sentence}
      >
        <div style={{ width: `${percent}%` }} />
      </div>
      <Text as="p">{sentence}</Text>
      {note !== null && <Text as="p">{note}</Text>}
      {leftOut !== null && <Text as="p">{leftOut}</Text>}
      <Text as="p" variant="bodySm" tone="subdued">
        {runTexts.started} <Time moment={run.startedAt} />
        {run.endedAt !== null && (
          <>
            {" · "}
            {runTexts.ended} <Time moment={run.endedAt} />
          </>
        )}
        {file !== null && ` · ${file}`}
        {chosen !== null && ` · ${chosen.text}`}
        {chosen?.url != null && (
          <>
            {" · "}
            <Link url={chosen.url}>{runTexts.showChosen}</Link>
          </>
        )}
      </Text>
    </BlockStack>
  );
}
