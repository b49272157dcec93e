import {
  Banner,
  BlockStack,
  Box,
  Button,
  Card,
  InlineStack,
  SkeletonBodyText,
  Text,
} from "@shopify/polaris";
import { useThemeEmbed } from "#app/admin/shell/app-bridge.ts";
import { Code } from "#app/admin/shell/code.tsx";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { FactList } from "#app/admin/shell/plain-table.tsx";
import { browserTexts } from "#app/admin/shell/texts.ts";
import { SourceLine, Time } from "#app/admin/shell/time.tsx";
import { noticeTexts } from "#app/events/notices/notices.ts";
import type { TagDetail as Detail } from "./describe-tags.server.ts";
import { StatusBadge } from "./tag-table.tsx";
import { tagsTexts } from "./texts.ts";

interface TagDetailProps {
  detail: Detail;
  editorUrl: string;
  /** Why the last choice failed. */
  error: string | null;
  isSaving: boolean;
  /** The tag for this store; null: none. */
  onChoose: (tagId: string | null) => void;
}

const texts = tagsTexts.detail;

/** A tag's facts from Pinterest, and whether this store uses it. */
export function TagDetail({ detail, ...choice }: TagDetailProps) {
  const { tag, trouble, fetched } = detail;
  return (
    <BlockStack gap="400">
      {(trouble !== null || tag === null) && (
        <Card padding="0">
          <NoticeView place="card" notice={trouble ?? noticeTexts("tag_unknown.page")} />
        </Card>
      )}
      {tag !== null && (
        <>
          <Card padding="0">
            <Box padding="400" paddingBlockEnd="0">
              <Text as="h2" variant="headingMd">
                {texts.facts}
              </Text>
            </Box>
            <FactList facts={listFacts(tag)} />
            {fetched !== null && <SourceLine source={tagsTexts.fromPinterest} moment={fetched} />}
          </Card>
          <StoreTag tag={tag} {...choice} />
          <Card padding="0">
            <Box padding="400" paddingBlockEnd="0">
              <Text as="h2" variant="headingMd">
                {texts.switches}
              </Text>
            </Box>
            <FactList facts={tag.switches} />
          </Card>
          <Snippet code={tag.code} />
        </>
      )}
    </BlockStack>
  );
}

/** As high as the facts, the choice and the switches that will stand in its place. */
export function TagSkeleton() {
  return (
    <Box padding="400" minHeight="40rem">
      <SkeletonBodyText lines={12} />
    </Box>
  );
}

function listFacts(tag: NonNullable<Detail["tag"]>) {
  const { columns } = tagsTexts;
  return [
    {
      label: columns.id,
      value: (
        <span className="machine-text" translate="no">
          {tag.id}
        </span>
      ),
    },
    { label: columns.status, value: <StatusBadge status={tag.status} /> },
    { label: texts.version, value: tag.version },
    { label: columns.match, value: tag.match },
    {
      label: columns.fired,
      value: tag.fired === null ? tagsTexts.never : <Time moment={tag.fired} />,
    },
  ];
}

function StoreTag({
  tag,
  editorUrl,
  error,
  isSaving,
  onChoose,
}: Omit<TagDetailProps, "detail"> & { tag: NonNullable<Detail["tag"]> }) {
  const embed = useThemeEmbed();
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {tagsTexts.columns.store}
        </Text>
        <Text as="p">{tag.isStoreTag ? tagsTexts.embed[embed] : tagsTexts.notChosenLong}</Text>
        <Text as="p" tone="subdued">
          {tagsTexts.chosenText}
        </Text>
        {error !== null && (
          <Banner tone="critical">
            <p>{error}</p>
          </Banner>
        )}
        <InlineStack gap="200">
          <Button
            onClick={() => onChoose(tag.isStoreTag ? null : tag.id)}
            disabled={isSaving}
            {...(!tag.isStoreTag && { variant: "primary" as const })}
          >
            {tag.isStoreTag ? texts.stopUsing : texts.use}
          </Button>
          {tag.isStoreTag && embed === "off" && (
            <Button
              url={editorUrl}
              target="_blank"
              accessibilityLabel={browserTexts.openEditorLabel}
            >
              {browserTexts.openEditor}
            </Button>
          )}
        </InlineStack>
      </BlockStack>
    </Card>
  );
}

function Snippet({ code }: { code: string | null }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {texts.code}
        </Text>
        <Text as="p" tone="subdued">
          {code === null ? texts.noCode : texts.codeText}
        </Text>
        {code !== null && <Code label={texts.code} text={code} />}
      </BlockStack>
    </Card>
  );
}
