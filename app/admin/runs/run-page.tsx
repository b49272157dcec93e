import { useFetcher } from "@remix-run/react";
import { Badge, BlockStack, Card, Text } from "@shopify/polaris";
import { useEffect, useState } from "react";
import { AdminPage } from "#app/admin/shell/admin-page.tsx";
import { CardProblem } from "#app/admin/shell/card-trouble.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { useDownload } from "#app/admin/shell/save-file.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Freshness } from "#app/admin/shell/time.tsx";
import { useLiveData } from "#app/admin/shell/use-live-data.ts";
import type { RunFacts } from "./describe-run.server.ts";
import { RunItems } from "./run-items.tsx";
import { RunProgress } from "./run-progress.tsx";
import { runTexts } from "./texts.ts";

/** How far a run has got, and what became of each of its events. */
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
        ...(run.stopText === null
          ? []
          : [{ content: runTexts.stop, onAction: stop.ask, loading: stop.isStopping }]),
      ]}
    >
      <Card>
        <BlockStack gap="400">
          {download.problem !== null && <CardProblem {...download.problem} />}
          <RunProgress run={run} />
          <Freshness status={status} isLoading={isLoading} onRefresh={refresh} />
        </BlockStack>
      </Card>
      <Card padding="0">
        <RunItems run={run} />
      </Card>
      {run.stopText !== null && (
        <ConfirmDialog
          isOpen={stop.isOpen}
          title={runTexts.stopQuestion}
          action={runTexts.stopConfirm}
          cancel={runTexts.stopCancel}
          isBusy={stop.isStopping}
          onConfirm={stop.confirm}
          onCancel={stop.close}
        >
          <Text as="p">{run.stopText}</Text>
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

/** Most runs are done in seconds: a person who has just started one need not wait for the usual look. */
function useEarlyLooks(isFinished: boolean, look: () => void): void {
  useEffect(() => {
    if (isFinished) return;
    const timers = AFTER_MS.map((ms) => setTimeout(look, ms));
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  }, [isFinished, look]);
}
