import { useFetcher } from "@remix-run/react";
import { SkeletonBodyText, Text } from "@shopify/polaris";
import { useEffect, useRef } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { AlertText } from "#app/admin/shell/notice-view.tsx";
import { activityTexts } from "./texts.ts";

/** What restoring would change. */
interface Difference {
  /** Null: the version is not kept. */
  changes: string[] | null;
  /** The current version. */
  currentVersion: number;
}

/** `problem`: nothing was restored. */
interface Answer {
  problem: string | null;
}

interface RestoreDialogProps {
  /** The version of the settings to restore; null while the dialog is closed. */
  version: number | null;
  onClose: () => void;
}

const ROUTE = "/app/settings/activity/restore";

/** Shows what would change before it is changed. */
export function RestoreDialog({ version, onClose }: RestoreDialogProps) {
  const shown = useFetcher<Difference>();
  const restoring = useFetcher<Answer>();
  const { load } = shown;
  useEffect(() => {
    if (version !== null) load(`${ROUTE}?version=${version}`);
  }, [version, load]);
  const problem = useAnswer(restoring.data, onClose);
  const difference = shown.state === "idle" ? (shown.data ?? null) : null;
  const canRestore = (difference?.changes?.length ?? 0) > 0 && restoring.state === "idle";
  const restore = () => {
    if (!canRestore || version === null || difference === null) return;
    const body = { version: String(version), currentVersion: String(difference.currentVersion) };
    restoring.submit(body, { method: "post", action: ROUTE });
  };
  const canChange = difference === null || (difference.changes?.length ?? 0) > 0;
  return (
    <ConfirmDialog
      isOpen={version !== null}
      title={activityTexts.restoreTitle}
      action={canChange ? activityTexts.restoreButton : null}
      cancel={canChange ? activityTexts.restoreCancel : activityTexts.restoreClose}
      isBusy={restoring.state !== "idle"}
      onConfirm={restore}
      onCancel={onClose}
    >
      {difference === null ? <SkeletonBodyText /> : <Changes {...difference} />}
      {problem !== null && <AlertText text={problem} />}
    </ConfirmDialog>
  );
}

function Changes({ changes }: Difference) {
  if (changes === null) return <Text as="p">{activityTexts.restoreGone}</Text>;
  if (changes.length === 0) return <Text as="p">{activityTexts.restoreSame}</Text>;
  return (
    <>
      <Text as="p">{activityTexts.restoreAbout}</Text>
      <ul>
        {changes.map((change) => (
          <li key={change}>{change}</li>
        ))}
      </ul>
    </>
  );
}

/** Closes the dialog once after each success; otherwise says why nothing was restored. */
function useAnswer(answer: Answer | undefined, onClose: () => void): string | null {
  const taken = useRef<Answer | undefined>(undefined);
  useEffect(() => {
    if (answer === undefined || answer === taken.current) return;
    taken.current = answer;
    if (answer.problem !== null) return;
    showToast(activityTexts.restored);
    onClose();
  }, [answer, onClose]);
  return answer?.problem ?? null;
}
