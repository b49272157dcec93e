import { Card } from "@shopify/polaris";
import { useThemeEmbed } from "#app/admin/shell/app-bridge.ts";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage } from "#app/admin/shell/page.tsx";
import { useLiveData } from "#app/admin/shell/page-data.ts";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { AttentionList, CheckList, LatestEvents } from "./home-lists.tsx";
import { OrderCard } from "./order-card.tsx";
import type { HomePage } from "./read-home.server.ts";
import { SetupGuide, TestResult } from "./setup-guide.tsx";
import { homeTexts } from "./texts.ts";
import { type HomeAction, useHomeAction } from "./use-home-action.ts";
import "./home.css";

/** Is it working, did every sale arrive, and is there something to do? */
export function HomeView({ status, page }: { status: Status; page: HomePage }) {
  const { isLoading, refresh } = useLiveData();
  const action = useHomeAction();
  const test = useHomeAction();
  const embed = useThemeEmbed();
  const { guide, browser, banner, attention, checks, latest } = page;
  const outcome = test.answer?.test ?? null;
  return (
    <AdminPage
      title={shellTexts.appName}
      // Its own banner stands below: here a button mends what is wrong.
      status={{ ...status, banner: null }}
      {...describeActions(page, action, test)}
    >
      {banner !== null && (
        <NoticeView
          place="banner"
          notice={banner}
          tone={banner.severity}
          onAct={() => action.run("resume")}
          isBusy={action.isBusy}
        />
      )}
      {guide !== null && (
        <SetupGuide guide={guide} browser={browser} embed={embed} action={action} test={test} />
      )}
      {guide === null && outcome !== null && (
        <Card>
          <TestResult outcome={outcome} />
        </Card>
      )}
      <Guarded name={homeTexts.orders.title} as="card">
        <OrderCard {...page} status={status} isLoading={isLoading} onRefresh={refresh} />
      </Guarded>
      <div className="home-grid">
        <Guarded name={attention.titles[0]} as="card">
          <AttentionList
            attention={attention}
            banner={banner}
            found={embed === "off" ? browser.embed.off : null}
            action={action}
          />
        </Guarded>
        <Guarded name={homeTexts.checks.title} as="card">
          <CheckList checks={checks} browser={browser} embed={embed} />
        </Guarded>
        <Guarded name={homeTexts.latest.title} as="card">
          <LatestEvents events={latest} />
        </Guarded>
      </div>
    </AdminPage>
  );
}

/** What the page's head offers, by what can be asked of the connection. */
function describeActions({ sending }: HomePage, action: HomeAction, test: HomeAction) {
  switch (sending) {
    case null:
      return {};
    case "resume":
      return {
        primaryAction: {
          content: homeTexts.resume,
          loading: action.isBusy,
          onAction: () => action.run("resume"),
        },
      };
    case "pause":
      return {
        primaryAction: {
          content: homeTexts.testEvent,
          loading: test.isBusy,
          onAction: () => test.run("test-event"),
        },
        secondaryActions: [
          {
            content: homeTexts.pause,
            disabled: action.isBusy,
            onAction: () => action.run("pause"),
          },
        ],
      };
  }
}
