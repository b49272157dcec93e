import { useFetcher, useNavigate } from "@remix-run/react";
import {
  Badge,
  BlockStack,
  Box,
  Card,
  InlineStack,
  Link,
  Pagination,
  Text,
} from "@shopify/polaris";
import { useEffect, useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage } from "#app/admin/shell/page.tsx";
import { useLiveData } from "#app/admin/shell/page-data.ts";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { useDownload } from "#app/admin/shell/save-file.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Freshness, Time } from "#app/admin/shell/time.tsx";
import type { RunFacts, RunLine } from "./describe-run.server.ts";
import { runTexts } from "./texts.ts";
import "./runs.css";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";

/** The progress of a run, and the outcome of each of its events. */
export function RunPage({ status, run }: { status: Status; run: RunFacts }) {
  const { isLoading, refresh } = useLiveData({ isPaused: () => run.isFinished });
  useEarlyLooks(run.isFinished, refresh);
  const stop = useStop();
  const download = useDownload(`/app/send/runs/${run.id}/export`, run.fileName);
  const { tone, label } = run.badge;
  return (
    <AdminPage
      status={status}
      title={run.title}
      backAction={{ content: run.back.label, url: run.back.url }}
      titleBadge={
        <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone !== null && { tone })}>
          {label}
        </Badge>
      }
      secondaryActions={[
        { content: runTexts.result, onAction: download.start, loading: download.isLoading },
        ...(run.stopping === null
          ? []
          : [{ content: runTexts.stop, onAction: stop.ask, loading: stop.isStopping }]),
      ]}
    >
      <Card>
        <BlockStack gap="400">
          {download.problem !== null && <NoticeView place="alert" notice={download.problem} />}
          {run.failure !== null && <NoticeView place="alert" notice={run.failure} />}
          <RunProgress run={run} />
          <Freshness status={status} isLoading={isLoading} onRefresh={refresh} />
        </BlockStack>
      </Card>
      <Card padding="0">
        <RunItems run={run} />
      </Card>
      {run.stopping !== null && (
        <ConfirmDialog
          isOpen={stop.isOpen}
          title={run.stopping.question}
          action={run.stopping.confirm}
          cancel={run.stopping.cancel}
          isBusy={stop.isStopping}
          onConfirm={stop.confirm}
          onCancel={stop.close}
        >
          <Text as="p">{run.stopping.text}</Text>
        </ConfirmDialog>
      )}
    </AdminPage>
  );
}

export interface Stop {
  isOpen: boolean;
  isStopping: boolean;
  ask: () => void;
  confirm: () => void;
  close: () => void;
}

/** Asks before a run is stopped, and stops it. */
function useStop(): Stop {
  const fetcher = useFetcher();
  const [isOpen, setIsOpen] = useState(false);
  const isStopping = fetcher.state !== "idle";
  return {
    isOpen,
    isStopping,
    ask: () => setIsOpen(true),
    close: () => setIsOpen(false),
    confirm() {
      if (isStopping) return;
      setIsOpen(false);
      fetcher.submit({ intent: "stop" }, { method: "post" });
    },
  };
}

const AFTER_MS = [1_500, 4_000, 8_000];

/**
 * Most runs are done in seconds: a person who has just started one need not wait for the usual
 * look.
 */
function useEarlyLooks(isFinished: boolean, look: () => void): void {
  useEffect(() => {
    if (isFinished) return;
    const timers = AFTER_MS.map((ms) => setTimeout(look, ms));
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  }, [isFinished, look]);
}

/** The bar, and the same in words. */
function RunProgress({ run }: { run: RunFacts }) {
  const { percent, percentText, sentence, notes, leftOut, file, chosen } = run;
  return (
    <BlockStack gap="300">
      <InlineStack gap="200" align="space-between">
        <Text as="h2" variant="headingMd">
          {runTexts.progress}
        </Text>
        <Text as="span" numeric>
          {percentText}
        </Text>
      </InlineStack>
      <div
        className="run-bar"
        role="progressbar"
        aria-label={runTexts.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={sentence}
      >
        <div style={{ width: `${percent}%` }} />
      </div>
      <Text as="p">{sentence}</Text>
      {notes.map((note) => (
        <Text as="p" key={note}>
          {note}
        </Text>
      ))}
      {leftOut !== null && <Text as="p">{leftOut}</Text>}
      <Text as="p" variant="bodySm" tone="subdued">
        {runTexts.started} <Time moment={run.startedAt} />
        {run.endedAt !== null && (
          <>
            {" · "}
            {runTexts.ended} <Time moment={run.endedAt} />
          </>
        )}
        {file !== null && ` · ${file}`}
        {chosen !== null && ` · ${chosen.text}`}
        {chosen?.url != null && (
          <>
            {" · "}
            <Link url={chosen.url}>{runTexts.showChosen}</Link>
          </>
        )}
      </Text>
    </BlockStack>
  );
}

const { columns } = runTexts;

/** The outcome of each event, fifty at a time. */
function RunItems({ run }: { run: RunFacts }) {
  const { list, lines, range, next, previous } = run;
  const navigate = useNavigate();
  const open = (page: number | null) => {
    if (page !== null) navigate(`/app/send/runs/${run.id}?page=${page}`);
  };
  return (
    <>
      <Box padding="400">
        <Text as="h2" variant="headingMd">
          {list.title}
        </Text>
        {lines.length === 0 && <Text as="p">{list.none}</Text>}
      </Box>
      {lines.length > 0 && (
        <PlainTable
          caption={list.title}
          columns={[columns.place, list.subject, columns.id, columns.outcome, columns.why]}
          rows={lines.map(toRow)}
        />
      )}
      <Box padding="300">
        <InlineStack gap="300" blockAlign="center">
          {(next !== null || previous !== null) && (
            <Pagination
              accessibilityLabel={runTexts.pages}
              accessibilityLabels={{
                previous: shellTexts.previousPage,
                next: shellTexts.nextPage,
              }}
              hasNext={next !== null}
              hasPrevious={previous !== null}
              onNext={() => open(next)}
              onPrevious={() => open(previous)}
            />
          )}
          {range !== null && (
            <Text as="span" numeric>
              {range}
            </Text>
          )}
        </InlineStack>
      </Box>
    </>
  );
}

function toRow({ place, subject, eventId, url, outcome, why }: RunLine) {
  return {
    id: String(place),
    head: place,
    cells: [
      subject,
      <span key="id" className="machine-text" translate="no">
        {url === null ? eventId : <Link url={url}>{eventId}</Link>}
      </span>,
      <StateBadge key="outcome" badge={outcome} />,
      why || "–",
    ],
  };
}
