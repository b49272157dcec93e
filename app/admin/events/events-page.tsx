import { useNavigate, useNavigation } from "@remix-run/react";
import { BlockStack, Card } from "@shopify/polaris";
import { useCallback, useRef } from "react";
import { AdminPage } from "#app/admin/shell/admin-page.tsx";
import { CardProblem } from "#app/admin/shell/card-trouble.tsx";
import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { useDownload } from "#app/admin/shell/save-file.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { useLiveData } from "#app/admin/shell/use-live-data.ts";
import { type BusyReason, EventResults } from "./event-results.tsx";
import type { EventList } from "./read-event-list.server.ts";
import { ReplayDialog, useReplay } from "./replay.tsx";
import { eventsTexts } from "./texts.ts";

interface EventsPageProps extends EventList {
  status: Status;
  isPhone: boolean;
}

/** The list of events, with what can be done with all that it finds. */
export function EventsPage({ status, list, filter, query, ...view }: EventsPageProps) {
  const navigate = useNavigate();
  const navigation = useNavigation();
  const busyWith = useRef(new Set<BusyReason>());
  const setBusy = useCallback((what: BusyReason, isBusy: boolean) => {
    if (isBusy) busyWith.current.add(what);
    else busyWith.current.delete(what);
  }, []);
  const replay = useReplay();
  const download = useDownload(`/app/events/export?${query}`, eventsTexts.fileName);
  const { isLoading, refresh } = useLiveData({
    isPaused: () => busyWith.current.size > 0 || replay.isOpen || !view.isFirstPage,
  });
  const hasRows = (list?.lines.length ?? 0) > 0;
  return (
    <AdminPage
      status={status}
      title={eventsTexts.title}
      fullWidth
      secondaryActions={[
        ...(hasRows
          ? [
              {
                content: shellTexts.export.button,
                onAction: download.start,
                loading: download.isLoading,
              },
            ]
          : []),
        ...(list?.canSendAgain
          ? [
              {
                content: eventsTexts.again.all,
                onAction: () => replay.ask({ filter: query }),
                loading: replay.isAsking,
              },
            ]
          : []),
      ]}
    >
      <Card padding="0">
        <BlockStack>
          {download.problem !== null && <CardProblem {...download.problem} />}
          <EventResults
            {...view}
            list={list}
            filter={filter}
            query={query}
            status={status}
            isLoading={isLoading}
            isOpening={navigation.state === "loading"}
            onFilter={(next) =>
              navigate(`/app/events?${toEventQuery(next)}`, { preventScrollReset: true })
            }
            onRefresh={refresh}
            onBusy={setBusy}
            onSendAgain={(rows) => replay.ask({ rows })}
          />
        </BlockStack>
      </Card>
      <ReplayDialog {...replay} />
    </AdminPage>
  );
}
