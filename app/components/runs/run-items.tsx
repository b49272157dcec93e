import { useNavigate } from "@remix-run/react";
import { Box, InlineStack, Link, Pagination, Text } from "@shopify/polaris";
import { StateBadge } from "#app/components/events/state-badge.tsx";
import { eventsTexts } from "#app/texts/events/events.ts";
import { runTexts } from "#app/texts/events/run.ts";
import type { RunFacts, RunLine } from "#app/texts/events/run-report.ts";
import "./run-items.css";

const { columns } = runTexts;

/** What became of each event, fifty at a time; scrolls by itself where it is wider than the screen. */
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard */}
      <section className="run-items" aria-label={runTexts.events} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{columns.place}</th>
              <th scope="col">{columns.event}</th>
              <th scope="col">{columns.id}</th>
              <th scope="col">{columns.outcome}</th>
              <th scope="col">{columns.why}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Row key={line.place} {...line} />
            ))}
          </tbody>
        </table>
      </section>
      <Box padding="300">
        <InlineStack gap="300" blockAlign="center">
          {(next !== null || previous !== null) && (
            <Pagination
              accessibilityLabel={runTexts.pages}
              accessibilityLabels={{
                previous: eventsTexts.previousPage,
                next: eventsTexts.nextPage,
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

function Row({ place, kind, eventId, url, outcome, why }: RunLine) {
  return (
    <tr>
      <td>{place}</td>
      <td>{kind}</td>
      <td translate="no">
        {url === null ? <code>{eventId}</code> : <Link url={url}>{eventId}</Link>}
      </td>
      <td>
        <StateBadge badge={outcome} />
      </td>
      <td>{why}</td>
    </tr>
  );
}
