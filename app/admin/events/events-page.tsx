import { useFetcher, useNavigate, useNavigation } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";
import { useCallback, useRef, useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage } from "#app/admin/shell/page.tsx";
import { useLiveData } from "#app/admin/shell/page-data.ts";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { useDownload } from "#app/admin/shell/save-file.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { type BusyReason, EventResults } from "./event-results.tsx";
import type { EventList } from "./read-event-list.server.ts";
import type { ReplayQuestion } from "./replay.server.ts";
import { eventsTexts } from "./texts.ts";

interface EventsPageProps extends EventList {
  status: Status;
  isPhone: boolean;
}

/** The list of events, with the actions on everything that it finds. */
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
          {download.problem !== null && <NoticeView place="alert" notice={download.problem} />}
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

/** Row ids, or the query of all that is to be sent again. */
type Chosen = { rows: readonly string[] } | { filter: string };

interface Replay {
  question: ReplayQuestion | null;
  isOpen: boolean;
  isAsking: boolean;
  isStarting: boolean;
  ask: (chosen: Chosen) => void;
  confirm: () => void;
  close: () => void;
}

/** Asks what would be sent again, and starts it once it is confirmed; its run's page follows. */
function useReplay(): Replay {
  const fetcher = useFetcher<{ question: ReplayQuestion }>();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const isWorking = fetcher.state !== "idle";
  const isStarting = isWorking && fetcher.formData?.get("intent") === "start";
  const question = chosen === null ? null : (fetcher.data?.question ?? null);
  const isAsking = chosen !== null && isWorking && !isStarting;
  return {
    question,
    isOpen: question !== null && !isAsking,
    isAsking,
    isStarting,
    ask(next) {
      setChosen(next);
      fetcher.submit({ intent: "preview", ...toForm(next) }, { method: "post" });
    },
    confirm() {
      if (chosen === null || question === null || isWorking) return;
      const form = { intent: "start", token: question.token, ...toForm(chosen) };
      fetcher.submit(form, { method: "post" });
    },
    close: () => setChosen(null),
  };
}

function toForm(chosen: Chosen): Record<string, string> {
  return "rows" in chosen ? { rows: chosen.rows.join(",") } : { query: chosen.filter };
}

type ReplayDialogProps = Pick<Replay, "question" | "isOpen" | "isStarting" | "confirm" | "close">;

/** Names what is sent again and what is left out, before anything is sent. */
function ReplayDialog({ question, isOpen, isStarting, confirm, close }: ReplayDialogProps) {
  if (question === null) return null;
  const { title, lines, confirm: action } = question;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={title}
      action={action}
      cancel={action === null ? eventsTexts.again.close : shellTexts.cancel}
      isBusy={isStarting}
      onConfirm={confirm}
      onCancel={close}
    >
      {lines.map((line) => (
        <Text as="p" key={line}>
          {line}
        </Text>
      ))}
    </ConfirmDialog>
  );
}
