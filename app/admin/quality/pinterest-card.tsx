import { Badge, BlockStack, Box, Card, InlineStack, Text } from "@shopify/polaris";
import { CardTrouble } from "#app/admin/shell/card-trouble.tsx";
import { SourceLine } from "#app/admin/shell/source-line.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import type { Lookback } from "#app/events/quality-score.ts";
import { PeriodSwitch } from "./period-switch.tsx";
import { ShareTable } from "./share-table.tsx";
import { type PinterestScores, qualityTexts } from "./texts.ts";

const texts = qualityTexts.pinterest;

/** What Pinterest itself says of the events it got. */
export function PinterestCard({
  scores,
  lookback,
}: {
  scores: PinterestScores;
  lookback: Lookback;
}) {
  const { trouble, overall, tables, fetched, isStale } = scores;
  const isEmpty = tables.length === 0 && trouble === null;
  return (
    <Card padding="0">
      <ScoreHead lookback={lookback} />
      {trouble !== null && <CardTrouble trouble={trouble} level="h3" />}
      {isEmpty && <Lines title={texts.empty} text={texts.emptyText} />}
      {overall.length > 0 && <Overall overall={overall} />}
      {isStale && <Lines text={texts.stale} />}
      {tables.map((table) => (
        <Box key={table.caption} paddingBlockStart="400">
          <Box paddingInline="400" paddingBlockEnd="200">
            <Text as="h3" variant="headingSm">
              {table.caption}
            </Text>
          </Box>
          <ShareTable table={table} />
          <Issues issues={table.issues} />
        </Box>
      ))}
      {fetched !== null && <SourceLine source={texts.from} moment={fetched} />}
    </Card>
  );
}

export function ScoreHead({ lookback }: { lookback: Lookback }) {
  return (
    <Box padding="400" paddingBlockEnd="200">
      <BlockStack gap="200">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">
            {texts.title}
          </Text>
          <PeriodSwitch lookback={lookback} />
        </InlineStack>
        <Text as="p" tone="subdued">
          {texts.text}
        </Text>
      </BlockStack>
    </Box>
  );
}

function Overall({ overall }: Pick<PinterestScores, "overall">) {
  return (
    <Box paddingInline="400" paddingBlock="200">
      <InlineStack gap="400">
        {overall.map(({ label, word, tone }) => (
          <InlineStack key={label} gap="200" blockAlign="center">
            <Text as="span">{label}:</Text>
            <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
              {word}
            </Badge>
          </InlineStack>
        ))}
      </InlineStack>
    </Box>
  );
}

function Lines({ title, text }: { title?: string; text: string }) {
  return (
    <Box paddingInline="400" paddingBlock="200">
      <BlockStack gap="100">
        {title !== undefined && (
          <Text as="h3" variant="headingSm">
            {title}
          </Text>
        )}
        <Text as="p">{text}</Text>
      </BlockStack>
    </Box>
  );
}

function Issues({ issues }: { issues: PinterestScores["tables"][number]["issues"] }) {
  if (issues.length === 0) return null;
  return (
    <Box padding="400">
      <BlockStack gap="200">
        <Text as="h4" variant="headingSm">
          {texts.issues}
        </Text>
        {issues.map(({ where, name, reason }) => (
          <Text key={`${where} ${name}`} as="p">
            <strong>{where}:</strong> {name}. {reason}
          </Text>
        ))}
      </BlockStack>
    </Box>
  );
}
