import { BlockStack, Box, Button, Card, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";
import { AdminPage } from "#app/components/shell/admin-page.tsx";
import { AlertText } from "#app/components/shell/alert-text.tsx";
import { activityTexts } from "#app/texts/settings/activity.ts";
import type { Status } from "#app/texts/status.ts";
import { ActivityFilters, type FilterChoices } from "./activity-filters.tsx";
import { type ActivityEntry, ActivityTable } from "./activity-table.tsx";
import { downloadCsv } from "./download-csv.ts";
import { RestoreDialog } from "./restore-dialog.tsx";

interface ActivityPageProps {
  status: Status;
  activity: FilterChoices & {
    rows: ActivityEntry[];
    isFiltered: boolean;
    newerUrl: string | null;
    olderUrl: string | null;
  };
  exportFile: { url: string; name: string };
}

/** Who changed what. */
export function ActivityPage({ status, activity, exportFile }: ActivityPageProps) {
  const [version, setVersion] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isExporting, setIsExporting] = useState(false);
  const download = async () => {
    setIsExporting(true);
    const { name, url } = exportFile;
    const { problem } = await downloadCsv(url, { name, failed: activityTexts.exportFailed });
    setProblem(problem);
    setIsExporting(false);
  };
  const hasRows = activity.rows.length > 0;
  return (
    <AdminPage
      status={status}
      title={activityTexts.title}
      backAction={{ content: activityTexts.back, url: "/app/settings" }}
      secondaryActions={
        hasRows
          ? [
              {
                content: activityTexts.export,
                onAction: () => void download(),
                loading: isExporting,
              },
            ]
          : []
      }
    >
      {problem !== null && <AlertText text={problem} />}
      <Card padding="0">
        {(hasRows || activity.isFiltered) && (
          <Box padding="400">
            <ActivityFilters {...activity} />
          </Box>
        )}
        {hasRows ? (
          <ActivityTable rows={activity.rows} onRestore={setVersion} />
        ) : (
          <Nothing isFiltered={activity.isFiltered} />
        )}
      </Card>
      <Pages {...activity} />
      <RestoreDialog version={version} onClose={() => setVersion(null)} />
    </AdminPage>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Box padding="600">
      <BlockStack gap="300" inlineAlign="center">
        <Text as="h2" variant="headingMd">
          {isFiltered ? activityTexts.noMatch : activityTexts.empty}
        </Text>
        {isFiltered ? (
          <Button url="/app/settings/activity">{activityTexts.clear}</Button>
        ) : (
          <Text as="p" tone="subdued">
            {activityTexts.emptyHelp}
          </Text>
        )}
      </BlockStack>
    </Box>
  );
}

function Pages({ newerUrl, olderUrl }: { newerUrl: string | null; olderUrl: string | null }) {
  if (newerUrl === null && olderUrl === null) return null;
  return (
    <InlineStack gap="200" align="center">
      {newerUrl !== null && <Button url={newerUrl}>{activityTexts.newer}</Button>}
      {olderUrl !== null && <Button url={olderUrl}>{activityTexts.older}</Button>}
    </InlineStack>
  );
}
