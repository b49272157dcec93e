import { Badge, BlockStack, Box, Card, Link, List, Text } from "@shopify/polaris";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import type { DuplicatesView, ShareOfPurchases } from "./read-duplicates.server.ts";
import { duplicatesTexts } from "./texts.ts";

const { shares: texts, ids, unseen, unseenTitle, sharesTitle, idsTitle } = duplicatesTexts;

/** Where the ids of the purchases came from. */
export function PurchaseShares({
  shares,
  sharesNote,
}: Pick<DuplicatesView, "shares" | "sharesNote">) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {sharesTitle}
        </Text>
        {shares === null ? (
          <Text as="p">{sharesNote}</Text>
        ) : (
          <>
            <Share share={shares.browser} />
            <Share share={shares.order} />
            {shares.given !== null && (
              <Text as="p">
                {shares.given.text} <Link url={shares.given.url}>{texts.view}</Link>
              </Text>
            )}
            <Text as="p" variant="bodySm" tone="subdued">
              {shares.note}
            </Text>
          </>
        )}
      </BlockStack>
    </Card>
  );
}

function Share({ share: { heading, text, url } }: { share: ShareOfPurchases }) {
  return (
    <BlockStack gap="100">
      <Text as="h3" variant="headingSm">
        <Link url={url}>{heading}</Link>
      </Text>
      <Text as="p">{text}</Text>
    </BlockStack>
  );
}

/** Which id each sender gives a purchase. */
export function IdTable() {
  return (
    <Card padding="0">
      <Box padding="400">
        <Text as="h2" variant="headingMd">
          {idsTitle}
        </Text>
      </Box>
      <PlainTable
        caption={idsTitle}
        columns={[ids.columns.sender, ids.columns.id]}
        rows={ids.rows.map(({ sender, id }) => ({ id: sender, head: sender, cells: [id] }))}
      />
      <Box padding="400">
        <Text as="p">{ids.advice}</Text>
      </Box>
    </Card>
  );
}

/** What no sign would show. */
export function UnseenCard() {
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          {unseenTitle}
        </Text>
        <List>
          {unseen.map((what) => (
            <List.Item key={what}>{what}</List.Item>
          ))}
        </List>
      </BlockStack>
    </Card>
  );
}

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
