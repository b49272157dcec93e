import { useLocation, useNavigate, useNavigation } from "@remix-run/react";
import {
  BlockStack,
  Box,
  Button,
  Card,
  InlineGrid,
  InlineStack,
  Select,
  Text,
} from "@shopify/polaris";
import { useState } from "react";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { AdminPage } from "#app/admin/shell/page.tsx";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { useDownload } from "#app/admin/shell/save-file.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import type { Activity } from "./read-activity.server.ts";
import { RestoreDialog } from "./restore-dialog.tsx";
import { activityTexts } from "./texts.ts";
import "./activity.css";

interface ActivityPageProps {
  status: Status;
  activity: Activity;
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
        {download.problem !== null && <NoticeView place="alert" notice={download.problem} />}
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

interface ActivityTableProps {
  rows: Activity["rows"];
  onRestore: (version: number) => void;
}

const { columns } = activityTexts;

/** One row for each change; on phones each row is a card. */
function ActivityTable({ rows, onRestore }: ActivityTableProps) {
  return (
    <table className="activity" aria-label={activityTexts.table}>
      <thead>
        <tr>
          {Object.values(columns).map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Guarded key={row.id} name={String(row.id)} as="row">
            <ActivityRow row={row} onRestore={onRestore} />
          </Guarded>
        ))}
      </tbody>
    </table>
  );
}

function ActivityRow({
  row,
  onRestore,
}: Pick<ActivityTableProps, "onRestore"> & { row: Activity["rows"][number] }) {
  const { at, who, kind, changes, open, restore } = row;
  return (
    <tr>
      <td className="activity-time">
        <Time moment={at} />
      </td>
      <td className="activity-who">{who}</td>
      <td>{kind}</td>
      <td className="activity-changes">
        {changes.map((change) => (
          <div key={change}>{change}</div>
        ))}
      </td>
      <td className="activity-action">
        {restore !== null && (
          <Button
            size="slim"
            accessibilityLabel={restore.label}
            onClick={() => onRestore(restore.version)}
          >
            {activityTexts.restore}
          </Button>
        )}
        {open !== null && (
          <Button size="slim" url={open.url} accessibilityLabel={open.label}>
            {activityTexts.open}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** Without a filter. */
const NO_FILTER = { person: "", kind: "", date: "all" };

/** The filter is part of the address, so that a list can be bookmarked and sent to a colleague. */
function ActivityFilters({
  people,
  kinds,
  periods,
}: Pick<Activity, "people" | "kinds" | "periods">) {
  const navigate = useNavigate();
  const shown = useLocation().search;
  // The next choice is added to one whose list is still loading.
  const query = new URLSearchParams(useNavigation().location?.search ?? shown);
  const chosen = (name: keyof typeof NO_FILTER) => query.get(name) ?? NO_FILTER[name];
  const choose = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    next.delete("older");
    next.delete("newer");
    if (value === "" || value === "all") next.delete(name);
    else next.set(name, value);
    navigate({ search: `?${next}` });
  };
  return (
    <InlineGrid columns={{ xs: 1, sm: 3 }} gap="300">
      <Select
        label={activityTexts.person}
        options={people}
        value={chosen("person")}
        onChange={(value) => choose("person", value)}
      />
      <Select
        label={activityTexts.kind}
        options={kinds}
        value={chosen("kind")}
        onChange={(value) => choose("kind", value)}
      />
      <Select
        label={activityTexts.date}
        options={periods}
        value={chosen("date")}
        onChange={(value) => choose("date", value)}
      />
    </InlineGrid>
  );
}
