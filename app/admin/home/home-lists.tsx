import { BlockStack, Button, Card, Icon, InlineStack, Link, Text } from "@shopify/polaris";
import {
  AlertCircleIcon,
  AlertTriangleIcon,
  CheckCircleIcon,
  ClockIcon,
  InfoIcon,
  QuestionCircleIcon,
} from "@shopify/polaris-icons";
import type { EmbedState } from "#app/admin/shell/app-bridge.ts";
import { eventIdIn, Guarded } from "#app/admin/shell/guarded.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import { browserTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import type { Problem } from "#app/events/notices/notice.ts";
import type { Check } from "./describe-checks.server.ts";
import type { HomePage, LatestEvent } from "./read-home.server.ts";
import { homeTexts } from "./texts.ts";
import type { HomeAction } from "./use-home-action.ts";

const { attention: attentionTexts, checks: checkTexts, latest } = homeTexts;

const SEVERITY_LOOKS = {
  critical: { source: AlertCircleIcon, tone: "critical" },
  warning: { source: AlertTriangleIcon, tone: "caution" },
  info: { source: InfoIcon, tone: "info" },
} as const;

interface AttentionListProps extends Pick<HomePage, "attention" | "banner"> {
  /** What only the browser could find. */
  found: Problem | null;
  action: HomeAction;
}

/** Everything that is wrong, but for what the banner says already. */
export function AttentionList({ attention, banner, found, action }: AttentionListProps) {
  const problems = found === null ? attention.problems : [...attention.problems, found];
  const [known, oneMore] = attention.titles;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {found === null ? known : oneMore}
        </Text>
        {problems.length === 0 ? (
          <Text as="p" tone="subdued">
            {banner === null ? attentionTexts.nothing : attentionTexts.nothingElse}
          </Text>
        ) : (
          <BlockStack as="ul" gap="400">
            {problems.map((problem) => (
              <Guarded key={`${problem.id} ${problem.title}`} name={problem.id} as="item">
                <AttentionRow problem={problem} action={action} />
              </Guarded>
            ))}
          </BlockStack>
        )}
      </BlockStack>
    </Card>
  );
}

function AttentionRow({ problem, action }: { problem: Problem; action: HomeAction }) {
  const { severity, title, cause, nextStep } = problem;
  return (
    <InlineStack as="li" gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon
          {...SEVERITY_LOOKS[severity]}
          accessibilityLabel={attentionTexts.severities[severity]}
        />
      </span>
      <BlockStack gap="100">
        <Text as="h3" variant="headingSm">
          {title}
        </Text>
        <Text as="p">{cause}</Text>
        {/* What a link or a button does at once need not be said as well. */}
        {(problem.action === null || !("url" in problem.action)) && (
          <Text as="p" tone="subdued">
            {nextStep}
          </Text>
        )}
        <NextStep wanted={problem.action} action={action} />
      </BlockStack>
    </InlineStack>
  );
}

function NextStep({ wanted, action }: { wanted: Problem["action"]; action: HomeAction }) {
  if (wanted === null) return null;
  if ("url" in wanted) {
    return (
      <p>
        <Link url={wanted.url} {...(!wanted.url.startsWith("/") && { target: "_blank" })}>
          {wanted.label}
        </Link>
      </p>
    );
  }
  const { intent, label } = wanted;
  if (intent === "retry") return null;
  return (
    <InlineStack>
      <Button disabled={action.isBusy} onClick={() => action.run(intent)}>
        {label}
      </Button>
    </InlineStack>
  );
}

const CHECK_LOOKS = {
  ok: { source: CheckCircleIcon, tone: "success", label: checkTexts.ok },
  waiting: { source: ClockIcon, tone: "subdued", label: checkTexts.waiting },
  problem: { source: AlertCircleIcon, tone: "critical", label: checkTexts.problem },
  unknown: { source: QuestionCircleIcon, tone: "subdued", label: checkTexts.unknown },
} as const;

const EMBED_LOOKS = {
  asking: "unknown",
  active: "ok",
  off: "waiting",
  unavailable: "waiting",
  none: "waiting",
  unknown: "unknown",
} as const satisfies Record<EmbedState, Check["state"]>;

/** One row for each thing that has to work. */
export function CheckList({
  checks,
  browser,
  embed,
}: Pick<HomePage, "checks" | "browser"> & { embed: EmbedState }) {
  const told = browser.embed.states[embed];
  const row: Check = { id: "embed", name: browserTexts.embed, state: EMBED_LOOKS[embed], ...told };
  const rows = checks.flatMap((check) => (check.id === "pixel" ? [check, row] : [check]));
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {checkTexts.title}
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
  const { source, tone, label } = CHECK_LOOKS[state];
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

export function LatestEvents({ events }: { events: LatestEvent[] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" gap="200">
          <Text as="h2" variant="headingMd">
            {latest.title}
          </Text>
          {events.length > 0 && <Link url="/app/events">{latest.all}</Link>}
        </InlineStack>
        {events.length === 0 ? (
          <Text as="p" tone="subdued">
            {latest.none}
          </Text>
        ) : (
          <ul className="home-latest">
            {events.map((event) => (
              <Guarded key={event.url} name={eventIdIn(event.url)} as="item">
                <LatestRow {...event} />
              </Guarded>
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

function LatestRow({ url, at, kind, order, value, badge }: LatestEvent) {
  return (
    <li>
      <Text as="span" tone="subdued">
        <Time moment={at} />
      </Text>
      <Link url={url}>{order === "" ? kind : `${kind} ${order}`}</Link>
      <Text as="span" numeric>
        {value}
      </Text>
      <span>
        <StateBadge badge={badge} />
      </span>
    </li>
  );
}
