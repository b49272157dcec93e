import { BlockStack, Card, Icon, InlineStack, Spinner, Text } from "@shopify/polaris";
import { CheckCircleIcon, MinusCircleIcon, XCircleIcon } from "@shopify/polaris-icons";
import { Note } from "#app/admin/shell/note.tsx";
import { OutcomeNote } from "./outcome-note.tsx";
import { connectionTexts } from "./texts.ts";
import type { OutcomeForm } from "./use-outcome.ts";
import type { TestRow } from "./view.ts";

const { test: texts } = connectionTexts;

const RUNNING = (["token", "account", "event"] as const).map((id) => ({
  id,
  label: texts.rows[id],
  mark: "running" as const,
}));

/** The three things a test looks at, while it runs and afterwards. */
export function TestCard({ outcome, isBusy }: Pick<OutcomeForm, "outcome" | "isBusy">) {
  const tested = outcome?.kind === "tested" ? outcome : null;
  const rows = tested?.rows ?? (isBusy ? RUNNING : []);
  if (outcome === null && !isBusy) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {texts.title}
        </Text>
        <ul style={{ listStyle: "none", margin: 0, padding: 0 }}>
          {rows.map(({ id, label, mark }) => (
            <li key={id} style={{ minHeight: "2rem" }}>
              <InlineStack gap="200" wrap={false} blockAlign="center">
                <Mark mark={mark} />
                <Text as="span">{label}</Text>
              </InlineStack>
            </li>
          ))}
        </ul>
        <OutcomeNote outcome={outcome} />
        <div aria-live="polite">
          {tested !== null && (
            <Note tone={tested.hasPassed ? "info" : "critical"} text={tested.summary} />
          )}
        </div>
      </BlockStack>
    </Card>
  );
}

const ICONS = {
  passed: { source: CheckCircleIcon, tone: "success" },
  failed: { source: XCircleIcon, tone: "critical" },
  open: { source: MinusCircleIcon, tone: "subdued" },
} as const;

function Mark({ mark }: { mark: TestRow["mark"] | "running" }) {
  const label = texts.marks[mark];
  if (mark === "running") return <Spinner size="small" accessibilityLabel={label} />;
  return (
    <span>
      <Icon {...ICONS[mark]} accessibilityLabel={label} />
    </span>
  );
}
