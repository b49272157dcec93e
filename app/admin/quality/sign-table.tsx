import { Badge, Box, Card, Text } from "@shopify/polaris";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { type DuplicatesView, duplicatesTexts } from "./duplicates-texts.ts";

const { columns, signsTitle } = duplicatesTexts;

/** Each sign of another sender, its word, and what that means. */
export function SignTable({ signs }: Pick<DuplicatesView, "signs">) {
  return (
    <Card padding="0">
      <Box padding="400">
        <Text as="h2" variant="headingMd">
          {signsTitle}
        </Text>
      </Box>
      <PlainTable
        caption={signsTitle}
        columns={[columns.sign, columns.word, columns.text]}
        rows={signs.map(({ sign, word, tone, text }) => ({
          id: sign,
          head: sign,
          cells: [
            <Badge
              key="word"
              toneAndProgressLabelOverride={shellTexts.state}
              {...(tone && { tone })}
            >
              {word}
            </Badge>,
            text,
          ],
        }))}
      />
    </Card>
  );
}
