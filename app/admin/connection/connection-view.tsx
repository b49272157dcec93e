import {
  Badge,
  BlockStack,
  Card,
  Icon,
  InlineGrid,
  InlineStack,
  Spinner,
  Text,
} from "@shopify/polaris";
import { CheckCircleIcon, MinusCircleIcon, XCircleIcon } from "@shopify/polaris-icons";
import { useState } from "react";
import { Note, NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage } from "#app/admin/shell/page.tsx";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { NOTICES } from "#app/events/notices/notices.ts";
import { ConnectionCard } from "./connection-card.tsx";
import type { AccountList } from "./describe-accounts.server.ts";
import type { ConnectionPage } from "./describe-connection.server.ts";
import type { TestRow } from "./describe-outcome.server.ts";
import { type OutcomeForm, OutcomeNote, useOutcome } from "./outcome.tsx";
import { connectionTexts as texts } from "./texts.ts";
import { PasteCard, SignInCard } from "./ways-to-connect.tsx";

interface ConnectionViewProps {
  status: Status;
  page: ConnectionPage;
  accounts: Promise<AccountList>;
}

/** Banners that would repeat what this page says about the connection. */
const OWN_BANNERS: readonly string[] = (
  ["connection_refused", "role_missing", "paused", "stopped_by_fault"] as const
).map((name) => NOTICES[name].id);

/** Which account events go to, whether they may, and for how long. */
export function ConnectionView({ status, page, accounts }: ConnectionViewProps) {
  const [isReplacing, setIsReplacing] = useState(false);
  const test = useOutcome();
  const { state, badge, connection, isSignInOffered } = page;
  const isChoosing = page.signedInAs !== null;
  const mustConnect = state === "none" || (state === "refused" && !isChoosing);
  const hasBanner = OWN_BANNERS.includes(status.banner?.id ?? "");
  const problem = hasBanner ? null : page.problem;
  const lines = [page.notice, page.intro].filter((line) => line !== null);
  const isShown = connection !== null || isChoosing;
  return (
    <AdminPage
      status={status}
      title={texts.title}
      backAction={{ content: texts.settings, url: "/app/settings" }}
      titleBadge={
        <Badge
          toneAndProgressLabelOverride={shellTexts.state}
          {...(badge.tone && { tone: badge.tone })}
        >
          {badge.label}
        </Badge>
      }
      {...(connection !== null && {
        secondaryActions: [
          {
            content: texts.actions.test,
            loading: test.isBusy,
            onAction: () => test.post({ intent: "test" }),
          },
        ],
      })}
    >
      {lines.map((line) => (
        <Card key={line}>
          {line === page.notice ? <Note tone="info" text={line} /> : <Text as="p">{line}</Text>}
        </Card>
      ))}
      {problem !== null && (
        <Card>
          <NoticeView place="note" notice={problem} />
        </Card>
      )}
      <TestCard outcome={test.outcome} isBusy={test.isBusy} />
      {isShown && (
        <ConnectionCard
          page={page}
          accounts={accounts}
          isReplacing={isReplacing}
          onReplace={() => setIsReplacing(!isReplacing)}
        />
      )}
      {(mustConnect || isReplacing) && (
        <div id="ways-to-connect">
          <InlineGrid columns={{ xs: 1, md: isSignInOffered ? 2 : 1 }} gap="400" alignItems="start">
            <SignInCard isOffered={isSignInOffered} isPrimary={mustConnect} />
            <PasteCard
              adAccountId={connection?.adAccountId ?? ""}
              waiting={page.waiting}
              isAlone={!isSignInOffered}
              isPrimary={mustConnect && !isSignInOffered}
              onConnected={() => setIsReplacing(false)}
            />
          </InlineGrid>
        </div>
      )}
    </AdminPage>
  );
}

const RUNNING = (["token", "account", "event"] as const).map((id) => ({
  id,
  label: texts.test.rows[id],
  mark: "running" as const,
}));

/** The three things a test looks at, while it runs and afterwards. */
function TestCard({ outcome, isBusy }: Pick<OutcomeForm, "outcome" | "isBusy">) {
  const tested = outcome?.kind === "tested" ? outcome : null;
  const rows = tested?.rows ?? (isBusy ? RUNNING : []);
  if (outcome === null && !isBusy) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {texts.test.title}
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
  const label = texts.test.marks[mark];
  if (mark === "running") return <Spinner size="small" accessibilityLabel={label} />;
  return (
    <span>
      <Icon {...ICONS[mark]} accessibilityLabel={label} />
    </span>
  );
}
