import { useNavigate } from "@remix-run/react";
import { Box, InlineStack, Link, Pagination, Text } from "@shopify/polaris";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import type { RunFacts, RunLine } from "./describe-run.server.ts";
import { runTexts } from "./texts.ts";

const { columns } = runTexts;

/** What became of each event, fifty at a time. */
export function RunItems({ run }: { run: RunFacts }) {
  const { lines, range, next, previous } = run;
  const navigate = useNavigate();
  const open = (page: number | null) => {
    if (page !== null) navigate(`/app/send/runs/${run.id}?page=${page}`);
  };
  return (
    <>
      <Box padding="400">
        <Text as="h2" variant="headingMd">
          {runTexts.events}
        </Text>
      </Box>
      <PlainTable
        caption={runTexts.events}
        columns={[columns.place, columns.event, columns.id, columns.outcome, columns.why]}
        rows={lines.map(toRow)}
      />
      <Box padding="300">
        <InlineStack gap="300" blockAlign="center">
          {(next !== null || previous !== null) && (
            <Pagination
              accessibilityLabel={runTexts.pages}
              accessibilityLabels={{
                previous: shellTexts.previousPage,
                next: shellTexts.nextPage,
              }}
              hasNext={next !== null}
              hasPrevious={previous !== null}
              onNext={() => open(next)}
              onPrevious={() => open(previous)}
            />
          )}
          {range !== null && (
            <Text as="span" numeric>
              {range}
            </Text>
          )}
        </InlineStack>
      </Box>
    </>
  );
}

function toRow({ place, kind, eventId, url, outcome, why }: RunLine) {
  return {
    id: String(place),
    head: place,
    cells: [
      kind,
      <span key="id" className="machine-text" translate="no">
        {url === null ? eventId : <Link url={url}>{eventId}</Link>}
      </span>,
      <StateBadge key="outcome" badge={outcome} />,
      why || "–",
    ],
  };
}
