import { Badge, BlockStack, Card, Text } from "@shopify/polaris";
import { AdminPage } from "#app/admin/shell/admin-page.tsx";
import { CardProblem } from "#app/admin/shell/card-problem.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { Freshness } from "#app/admin/shell/freshness.tsx";
import { useDownload } from "#app/admin/shell/save-file.ts";
import type { Status } from "#app/admin/shell/status.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { useLiveData } from "#app/admin/shell/use-live-data.ts";
import { RunItems } from "./run-items.tsx";
import { RunProgress } from "./run-progress.tsx";
import { runTexts } from "./texts.ts";
import { useEarlyLooks } from "./use-early-looks.ts";
import { useStop } from "./use-stop.ts";
import type { RunFacts } from "./view.ts";

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
