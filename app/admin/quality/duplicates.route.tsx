import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type { HeadersFunction, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { Badge, BlockStack, Box, Card, Link, List, Text } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { BrowserLines } from "#app/admin/shell/browser-lines.tsx";
import { readBrowser } from "#app/admin/shell/describe-browser.server.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage, BESIDE_CARDS, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { PlainTable, TitledCard } from "#app/admin/shell/plain-table.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { SourceLine, Time } from "#app/admin/shell/time.tsx";
import { duplicatesTexts } from "./duplicates-texts.ts";
import {
  type DuplicatesView,
  readDuplicates,
  type ShareOfPurchases,
} from "./read-duplicates.server.ts";

export const meta: MetaFunction = () => pageTitle(duplicatesTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const [status, duplicates, browser] = await Promise.all([
    readStatus(context, merchant),
    readDuplicates(context, merchant.shop.id, merchant.format),
    readBrowser(context, merchant),
  ]);
  return { status, duplicates, browser };
}

export default function Duplicates() {
  const { status, duplicates, browser } = useLoaderData<typeof loader>();
  const { verdict, verdictText, alert, senders, signs, shares, sharesNote, trouble, fetched } =
    duplicates;
  const { label, tone } = verdict;
  return (
    <AdminPage
      status={status}
      title={duplicatesTexts.title}
      backAction={{ content: duplicatesTexts.back, url: "/app/quality" }}
      titleBadge={
        <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
          {label}
        </Badge>
      }
    >
      <BlockStack gap="400">
        <Box paddingInline={BESIDE_CARDS}>
          <BlockStack gap="100">
            <Text as="p">{duplicatesTexts.question}</Text>
            <Text as="p">{verdictText}</Text>
            <BrowserLines browser={browser} />
            <Text as="p" variant="bodySm" tone="subdued">
              {duplicatesTexts.from}
            </Text>
          </BlockStack>
        </Box>
        {trouble !== null && (
          <Card padding="0">
            <NoticeView place="card" notice={trouble} />
          </Card>
        )}
        <SenderTable alert={alert} senders={senders} />
        <SignTable signs={signs} />
        <PurchaseShares shares={shares} sharesNote={sharesNote} />
        <IdTable />
        <UnseenCard />
        {fetched !== null && <SourceLine source={duplicatesTexts.fromPinterest} moment={fetched} />}
      </BlockStack>
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;

const { shares: texts, ids, unseen, unseenTitle, sharesTitle, idsTitle } = duplicatesTexts;

/** Where the ids of the purchases came from. */
function PurchaseShares({ shares, sharesNote }: Pick<DuplicatesView, "shares" | "sharesNote">) {
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
function IdTable() {
  return (
    <TitledCard title={idsTitle}>
      <PlainTable
        caption={idsTitle}
        columns={[ids.columns.sender, ids.columns.id]}
        rows={ids.rows.map(({ sender, id }) => ({ id: sender, head: sender, cells: [id] }))}
      />
      <Box padding="400">
        <Text as="p">{ids.advice}</Text>
      </Box>
    </TitledCard>
  );
}

/** Senders that none of the signs can show. */
function UnseenCard() {
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

/** Each other tag of the store's pages: whether its ids are ours, and what to do about it. */
function SenderTable({ alert, senders }: Pick<DuplicatesView, "alert" | "senders">) {
  const { columns: titles } = duplicatesTexts.senders;
  const { sendersTitle } = duplicatesTexts;
  if (senders.length === 0) return null;
  return (
    <TitledCard
      title={sendersTitle}
      alert={alert !== null && <NoticeView place="alert" notice={alert} />}
    >
      <PlainTable
        caption={sendersTitle}
        columns={[titles.tag, titles.seen, titles.ids, titles.advice]}
        rows={senders.map(({ id, tag, seen, ids, tone, advice }) => ({
          id,
          head: (
            <span className="nowrap" translate="no">
              {tag}
            </span>
          ),
          cells: [
            <Time key="seen" moment={seen} />,
            <span key="ids" className="nowrap">
              <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
                {ids}
              </Badge>
            </span>,
            advice,
          ],
        }))}
      />
    </TitledCard>
  );
}

/** Each sign of another sender, its word, and what that means. */
function SignTable({ signs }: Pick<DuplicatesView, "signs">) {
  return (
    <TitledCard title={signsTitle}>
      <PlainTable
        caption={signsTitle}
        columns={[columns.sign, columns.word, columns.text]}
        rows={signs.map(({ sign, word, tone, text }) => ({
          id: sign,
          head: sign,
          cells: [
            <span key="word" className="nowrap">
              <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
                {word}
              </Badge>
            </span>,
            text,
          ],
        }))}
      />
    </TitledCard>
  );
}
