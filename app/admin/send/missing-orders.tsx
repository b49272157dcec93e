import { useFetcher, useNavigate } from "@remix-run/react";
import {
  BlockStack,
  Box,
  Button,
  Card,
  Form,
  InlineStack,
  Link,
  RadioButton,
  Text,
  TextField,
} from "@shopify/polaris";
import { useEffect, useState } from "react";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import type { SendAnswer } from "./answer-send-form.server.ts";
import type { OrderCheckView } from "./check-orders.server.ts";
import { Lost } from "./result-card.tsx";
import { sendMissingTexts as texts } from "./texts.ts";

const WAYS = ["dry", "send"] as const;
type Way = (typeof WAYS)[number];

/** Starts a search for orders without an event, whose run has a page of its own. */
export function MissingOrders({ view, token }: { view: OrderCheckView; token: string }) {
  const [since, setSince] = useState(view.since);
  const [way, setWay] = useState<Way>("dry");
  const { submit, state, data } = useFetcher<SendAnswer>();
  const navigate = useNavigate();
  const answer = data?.intent === "check-orders" ? data : null;
  const runUrl = answer?.runUrl ?? null;
  useEffect(() => {
    if (runUrl !== null) navigate(runUrl);
  }, [runUrl, navigate]);
  const isBusy = state !== "idle" || runUrl !== null;
  const start = () => {
    // Another day or way is another run; two clicks are one.
    const fields = { intent: "check-orders", since, way, token: `${token} ${since} ${way}` };
    if (!isBusy) submit(fields, { method: "post" });
  };
  return (
    <BlockStack gap="400">
      <Card>
        <Form onSubmit={start}>
          <BlockStack gap="400">
            <BlockStack gap="100">
              <Text as="h2" variant="headingMd">
                {texts.title}
              </Text>
              <Text as="p">{texts.about}</Text>
            </BlockStack>
            <TextField
              id="orders-since"
              type="date"
              label={texts.since}
              helpText={view.sinceHelp}
              value={since}
              min={view.earliest}
              max={view.today}
              onChange={setSince}
              autoComplete="off"
              {...(answer?.fault != null && { error: answer.fault })}
            />
            <WayChoice way={way} onChange={setWay} />
            {view.dryRunning !== null && <Text as="p">{view.dryRunning}</Text>}
            <InlineStack align="end">
              <Button submit variant="primary" loading={isBusy}>
                {texts.start[way]}
              </Button>
            </InlineStack>
          </BlockStack>
        </Form>
      </Card>
      {data?.intent === "lost" && <Lost answer={data} />}
      <LatestRuns runs={view.runs} />
    </BlockStack>
  );
}

function WayChoice({ way, onChange }: { way: Way; onChange: (way: Way) => void }) {
  return (
    <fieldset className="send-mode">
      <legend>
        <Text as="span" variant="headingSm">
          {texts.what}
        </Text>
      </legend>
      <BlockStack gap="200">
        {WAYS.map((name) => (
          <BlockStack key={name}>
            <RadioButton
              id={`way-${name}`}
              name="way"
              label={texts[name]}
              ariaDescribedBy={`way-${name}-effect`}
              checked={way === name}
              onChange={() => onChange(name)}
            />
            <Text as="p" tone="subdued" id={`way-${name}-effect`}>
              {texts[`${name}Help`]}
            </Text>
          </BlockStack>
        ))}
      </BlockStack>
    </fieldset>
  );
}

const { runs: columns } = texts;

function LatestRuns({ runs }: Pick<OrderCheckView, "runs">) {
  return (
    <Card padding="0">
      <Box padding="400">
        <Text as="h2" variant="headingMd">
          {columns.title}
        </Text>
        {runs.length === 0 && (
          <Box paddingBlockStart="200">
            <Text as="p">{columns.none}</Text>
          </Box>
        )}
      </Box>
      {runs.length > 0 && (
        <PlainTable
          caption={columns.title}
          columns={[columns.started, columns.found, columns.state]}
          rows={runs.map(({ id, startedAt, text, state }) => ({
            id,
            head: (
              <Link url={`/app/send/runs/${id}`}>
                <Time moment={startedAt} />
              </Link>
            ),
            cells: [text, state],
          }))}
        />
      )}
    </Card>
  );
}
