import { BlockStack, Box, Button, Card, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";
import { AdminPage } from "#app/admin/shell/admin-page.tsx";
import { CardProblem } from "#app/admin/shell/card-problem.tsx";
import { useDownload } from "#app/admin/shell/save-file.ts";
import type { Status } from "#app/admin/shell/status.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { ActivityFilters, type FilterChoices } from "./activity-filters.tsx";
import { type ActivityEntry, ActivityTable } from "./activity-table.tsx";
import { RestoreDialog } from "./restore-dialog.tsx";
import { activityTexts } from "./texts.ts";

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
  const download = useDownload(exportFile.url, exportFile.name);
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
                content: shellTexts.export.button,
                onAction: download.start,
                loading: download.isLoading,
              },
            ]
          : []
      }
    >
      <Card padding="0">
        {download.problem !== null && <CardProblem {...download.problem} />}
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
