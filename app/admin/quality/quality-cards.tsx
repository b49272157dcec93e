import { useNavigate } from "@remix-run/react";
import {
  Badge,
  BlockStack,
  Box,
  Button,
  ButtonGroup,
  Card,
  InlineStack,
  List,
  Text,
} from "@shopify/polaris";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { SourceLine } from "#app/admin/shell/time.tsx";
import { LOOKBACKS, type Lookback } from "#app/events/quality-score.ts";
import type {
  OwnCoverage,
  ShareCell,
  ShareRow,
  ShareTable as Shares,
} from "./describe-own-coverage.server.ts";
import type { PinterestScores } from "./read-quality.server.ts";
import { qualityTexts } from "./texts.ts";
import "./quality.css";

const adviceTexts = qualityTexts.advice;

/** Advice that raises the shares: a cause that we can see, and what to do. */
export function AdviceCard({
  advice,
  isKnown,
}: Pick<PinterestScores, "advice"> & { isKnown: boolean }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {adviceTexts.title}
        </Text>
        {advice.length === 0 && (
          <Text as="p">{isKnown ? adviceTexts.fine : adviceTexts.unknown}</Text>
        )}
        {advice.length > 0 && (
          <List type="number" gap="loose">
            {advice.map(({ key, finding, cause, action }) => (
              <List.Item key={key}>
                <BlockStack gap="100">
                  <Text as="h3" variant="headingSm">
                    {finding}
                  </Text>
                  <Text as="p">{cause}</Text>
                  {action !== null && (
                    <InlineStack>
                      <Button size="slim" url={action.url}>
                        {action.label}
                      </Button>
                    </InlineStack>
                  )}
                </BlockStack>
              </List.Item>
            ))}
          </List>
        )}
      </BlockStack>
    </Card>
  );
}

const ownTexts = qualityTexts.own;

/** The coverage of the events that Pinterest accepted, by our own records. */
export function OwnCard({ own: { table, note } }: { own: OwnCoverage }) {
  return (
    <Card padding="0">
      <Box padding="400" paddingBlockEnd="200">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {ownTexts.title}
          </Text>
          <Text as="p" tone="subdued">
            {ownTexts.text}
          </Text>
        </BlockStack>
      </Box>
      {table !== null && table.rows.length > 0 && <ShareTable table={table} />}
      <Box paddingInline="400" paddingBlock="300">
        <Text as="p" variant="bodySm" tone="subdued">
          {note}
        </Text>
      </Box>
    </Card>
  );
}

const pinterestTexts = qualityTexts.pinterest;

/** Pinterest's own scores of the events that it received. */
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
      {trouble !== null && <NoticeView place="card" notice={trouble} level="h3" />}
      {isEmpty && <Lines title={pinterestTexts.empty} text={pinterestTexts.emptyText} />}
      {overall.length > 0 && <Overall overall={overall} />}
      {isStale && <Lines text={pinterestTexts.stale} />}
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
      {fetched !== null && <SourceLine source={pinterestTexts.from} moment={fetched} />}
    </Card>
  );
}

export function ScoreHead({ lookback }: { lookback: Lookback }) {
  return (
    <Box padding="400" paddingBlockEnd="200">
      <BlockStack gap="200">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">
            {pinterestTexts.title}
          </Text>
          <PeriodSwitch lookback={lookback} />
        </InlineStack>
        <Text as="p" tone="subdued">
          {pinterestTexts.text}
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
          {pinterestTexts.issues}
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

/** Which of Pinterest's two periods is shown. */
function PeriodSwitch({ lookback }: { lookback: Lookback }) {
  const navigate = useNavigate();
  return (
    <ButtonGroup variant="segmented">
      {LOOKBACKS.map((period) => (
        <Button
          key={period}
          pressed={period === lookback}
          onClick={() =>
            navigate(`/app/quality?period=${period}`, { replace: true, preventScrollReset: true })
          }
        >
          {qualityTexts.periods[period]}
        </Button>
      ))}
    </ButtonGroup>
  );
}

/** Shares by key and kind of event; each bar has its number beside it. */
function ShareTable({ table: { caption, columns: keys, rows: events } }: { table: Shares }) {
  return (
    <PlainTable
      caption={caption}
      columns={[qualityTexts.key, ...events.map(({ kind }) => kind)]}
      heads={[qualityTexts.key, ...events.map((event) => <Head key={event.apiName} {...event} />)]}
      rows={keys.map((key, index) => ({
        id: key,
        head: key,
        cells: events.map(({ apiName, cells }) => {
          const cell = cells.at(index);
          return cell && <Share key={apiName} cell={cell} />;
        }),
      }))}
    />
  );
}

function Head({ kind, apiName, total }: Pick<ShareRow, "kind" | "apiName" | "total">) {
  return (
    <>
      {kind}
      <span className="share-table-api machine-text" translate="no">
        {apiName}
      </span>
      {total !== "" && <span className="share-table-total">{total}</span>}
    </>
  );
}

function Share({ cell: { text, percent, isLow } }: { cell: ShareCell }) {
  if (percent === null) {
    return (
      <>
        <span aria-hidden="true">{text}</span>
        <Text as="span" visuallyHidden>
          {qualityTexts.notScored}
        </Text>
      </>
    );
  }
  return (
    <span className="share">
      <svg className="share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="share-bar-whole" width="100" height="8" />
        <rect className="share-bar-part" width={Math.min(100, Math.max(0, percent))} height="8" />
      </svg>
      <span className="nowrap">
        {text}
        {isLow && <span className="share-low"> {qualityTexts.low}</span>}
      </span>
    </span>
  );
}
