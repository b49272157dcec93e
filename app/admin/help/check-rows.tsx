import { Await } from "@remix-run/react";
import {
  BlockStack,
  Card,
  Icon,
  InlineGrid,
  InlineStack,
  Link,
  SkeletonBodyText,
  Text,
} from "@shopify/polaris";
import { AlertDiamondIcon, CheckCircleIcon, QuestionCircleIcon } from "@shopify/polaris-icons";
import { Suspense } from "react";
import { type EmbedState, useThemeEmbed } from "#app/admin/shell/app-bridge.ts";
import type { CheckRow } from "./read-checks.server.ts";
import { helpTexts } from "./texts.ts";

interface CheckRowsProps {
  checks: CheckRow[];
  /** The row that waits for Shopify's answer. */
  scopes: Promise<CheckRow>;
  /** The row that the browser answers, by what it finds. */
  embed: Record<EmbedState, CheckRow | null>;
}

const { check: texts } = helpTexts;

/** The twelve checks, each as soon as it is known. */
export function CheckRows({ checks, scopes, embed }: CheckRowsProps) {
  const found = embed[useThemeEmbed()];
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {texts.title}
          </Text>
          <Text as="p" tone="subdued">
            {texts.about}
          </Text>
        </BlockStack>
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          {checks.map((row) => (
            <section key={row.id} aria-labelledby={`check-${row.id}`}>
              {row.id === "scopes" ? (
                <Suspense fallback={<Pending row={row} />}>
                  <Await resolve={scopes}>{(asked) => <Row row={asked} />}</Await>
                </Suspense>
              ) : (
                <Row row={row.id === "embed" && found !== null ? found : row} />
              )}
            </section>
          ))}
        </InlineGrid>
      </BlockStack>
    </Card>
  );
}

const LOOKS = {
  ok: { source: CheckCircleIcon, tone: "success" },
  problem: { source: AlertDiamondIcon, tone: "critical" },
  unknown: { source: QuestionCircleIcon, tone: "subdued" },
} as const;

function Row({ row: { id, result, text, detail, fix } }: { row: CheckRow }) {
  const { source, tone } = LOOKS[result];
  return (
    <InlineStack gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon source={source} tone={tone} />
      </span>
      <BlockStack gap="050">
        <Text as="h3" variant="bodyMd" fontWeight="semibold" id={`check-${id}`}>
          {texts.labels[id]}
        </Text>
        <Text as="p" {...(result === "problem" && { tone: "critical" })}>
          {texts.results[result]}: {text}
        </Text>
        {detail !== null && <Text as="p">{detail}</Text>}
        {fix !== null && (
          <p>
            <Link url={fix.url} {...(!fix.url.startsWith("/") && { target: "_blank" })}>
              {fix.label}
            </Link>
          </p>
        )}
      </BlockStack>
    </InlineStack>
  );
}

/** A placeholder as high as an answer of one line. */
function Pending({ row: { id } }: { row: CheckRow }) {
  return (
    <BlockStack gap="050">
      <Text as="h3" variant="bodyMd" fontWeight="semibold" id={`check-${id}`}>
        {texts.labels[id]}
      </Text>
      <Text as="p" visuallyHidden>
        {texts.asking}
      </Text>
      <SkeletonBodyText lines={1} />
    </BlockStack>
  );
}
