import { BlockStack, Card, Icon, InlineStack, Text } from "@shopify/polaris";
import {
  AlertCircleIcon,
  CheckCircleIcon,
  ClockIcon,
  QuestionCircleIcon,
} from "@shopify/polaris-icons";
import { Time } from "#app/admin/shell/time.tsx";
import type { EmbedState } from "#app/admin/shell/use-theme-embed.ts";
import { homeTexts } from "./texts.ts";
import type { Check } from "./view.ts";

const texts = homeTexts.checks;

const LOOKS = {
  ok: { source: CheckCircleIcon, tone: "success", label: texts.ok },
  waiting: { source: ClockIcon, tone: "subdued", label: texts.waiting },
  problem: { source: AlertCircleIcon, tone: "critical", label: texts.problem },
  unknown: { source: QuestionCircleIcon, tone: "subdued", label: texts.unknown },
} as const;

const EMBED = {
  asking: { state: "unknown", text: texts.embedAsking },
  active: { state: "ok", text: texts.embedActive },
  off: { state: "waiting", text: texts.embedOff },
  none: { state: "waiting", text: texts.embedOff },
  unknown: { state: "unknown", text: texts.embedUnknown },
} as const;

/** One row for each thing that has to work. */
export function CheckList({ checks, embed }: { checks: Check[]; embed: EmbedState }) {
  const embedCheck: Check = { id: "embed", name: texts.embed, at: null, ...EMBED[embed] };
  const rows = checks.flatMap((check) => (check.id === "browser" ? [check, embedCheck] : [check]));
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {texts.title}
        </Text>
        <BlockStack gap="300" as="ul">
          {rows.map((check) => (
            <CheckRow key={check.id} {...check} />
          ))}
        </BlockStack>
      </BlockStack>
    </Card>
  );
}

function CheckRow({ name, state, text, at }: Check) {
  const { source, tone, label } = LOOKS[state];
  return (
    <InlineStack as="li" gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon source={source} tone={tone} accessibilityLabel={label} />
      </span>
      <BlockStack>
        <Text as="span" fontWeight="medium">
          {name}
        </Text>
        <Text as="span" tone="subdued">
          {text}
          {at !== null && " "}
          {at !== null && <Time moment={at} />}
        </Text>
      </BlockStack>
    </InlineStack>
  );
}
