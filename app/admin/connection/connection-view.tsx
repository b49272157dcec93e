import { Badge, Card, InlineGrid, Text } from "@shopify/polaris";
import { useState } from "react";
import { AdminPage } from "#app/admin/shell/admin-page.tsx";
import { Note } from "#app/admin/shell/note.tsx";
import type { Status } from "#app/admin/shell/status.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { ConnectionCard } from "./connection-card.tsx";
import { PasteCard } from "./paste-card.tsx";
import { SignInCard } from "./sign-in-card.tsx";
import { TestCard } from "./test-card.tsx";
import { connectionTexts as texts } from "./texts.ts";
import { useOutcome } from "./use-outcome.ts";
import type { AccountList, ConnectionPage } from "./view.ts";

interface ConnectionViewProps {
  status: Status;
  page: ConnectionPage;
  accounts: Promise<AccountList>;
}

/** Banners that say what this page would say of the connection itself. */
const OWN_BANNERS = ["E01", "E02", "E09", "E55"];

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
          <Note tone="critical" title={problem.title} text={problem.text} />
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
