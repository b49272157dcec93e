import { Badge, BlockStack, Box, Button, Card, InlineStack, Link, Text } from "@shopify/polaris";
import { useThemeEmbed } from "#app/admin/shell/app-bridge.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { SourceLine, Time } from "#app/admin/shell/time.tsx";
import type { TagList, TagRow, TagStatus } from "./describe-tags.server.ts";
import { tagsTexts } from "./texts.ts";

export const TAG_COLUMNS = Object.values(tagsTexts.columns);

/** The ad account's tags, and why they are missing or old. */
export function TagTable({ list }: { list: TagList }) {
  const { rows, trouble, fetched, hint } = list;
  const embed = useThemeEmbed();
  return (
    <BlockStack gap="400">
      <Card padding="0">
        {trouble !== null && <NoticeView place="card" notice={trouble} />}
        {rows.length > 0 && (
          <PlainTable
            caption={tagsTexts.title}
            columns={TAG_COLUMNS}
            rows={rows.map((row) => ({
              id: row.id,
              head: <Link url={`/app/tags/${row.id}`}>{row.name}</Link>,
              cells: listCells(row, tagsTexts.embed[embed]),
            }))}
          />
        )}
        {rows.length === 0 && trouble === null && <NoTags />}
        {fetched !== null && <SourceLine source={tagsTexts.fromPinterest} moment={fetched} />}
      </Card>
      {hint !== null && <Hint text={hint} />}
    </BlockStack>
  );
}

function listCells({ id, status, match, fired, isStoreTag }: TagRow, embed: string) {
  return [
    <span key="id" className="machine-text" translate="no">
      {id}
    </span>,
    <StatusBadge key="status" status={status} />,
    match,
    fired === null ? tagsTexts.never : <Time key="fired" moment={fired} />,
    isStoreTag ? embed : <NotChosen key="store" />,
  ];
}

export function StatusBadge({ status: { label, tone } }: { status: TagStatus }) {
  return (
    <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
      {label}
    </Badge>
  );
}

function NotChosen() {
  return (
    <>
      <span aria-hidden="true">{tagsTexts.notChosen}</span>
      <Text as="span" visuallyHidden>
        {tagsTexts.notChosenLong}
      </Text>
    </>
  );
}

function NoTags() {
  return (
    <Box padding="400">
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          {tagsTexts.empty.title}
        </Text>
        <Text as="p">{tagsTexts.empty.text}</Text>
      </BlockStack>
    </Box>
  );
}

function Hint({ text }: { text: string }) {
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="p">{text}</Text>
        <InlineStack>
          <Button url="/app/quality/duplicates">{tagsTexts.hintAction}</Button>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
