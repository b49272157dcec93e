import { useBlocker } from "@remix-run/react";
import { useEffect } from "react";
import { appBridge } from "./app-bridge.ts";
import { shellTexts } from "./texts.ts";

interface SaveBarProps {
  /** The element's id; a page has one save bar. */
  id: string;
  isDirty: boolean;
  isSaving: boolean;
  onSave: () => void;
  onDiscard: () => void;
}

/**
 * Shopify's bar above the page while a form holds what was not saved, and the guard that asks
 * before it is left. Shown by hand: the bar that watches a form misses values that code changes
 * (Shopify/shopify-app-bridge#293).
 */
export function SaveBar({ id, isDirty, isSaving, onSave, onDiscard }: SaveBarProps) {
  useLeaveGuard(isDirty);
  useEffect(() => {
    void (isDirty ? appBridge()?.saveBar.show(id) : appBridge()?.saveBar.hide(id));
  }, [id, isDirty]);
  // Otherwise the bar stays on the next page (Shopify/shopify-app-bridge#486).
  useEffect(() => () => void appBridge()?.saveBar.hide(id), [id]);
  return (
    <ui-save-bar id={id}>
      {/* App Bridge draws these in the bar and knows the first one by this attribute. */}
      <button type="button" {...{ variant: "primary" }} disabled={isSaving} onClick={onSave}>
        {shellTexts.save}
      </button>
      <button type="button" disabled={isSaving} onClick={onDiscard}>
        {shellTexts.discard}
      </button>
    </ui-save-bar>
  );
}

/** Blocks a navigation until Shopify's dialog allows it. */
function useLeaveGuard(isDirty: boolean): void {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isDirty && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (blocker.state !== "blocked") return;
    void appBridge()
      ?.saveBar.leaveConfirmation()
      .then(() => blocker.proceed());
  }, [blocker]);
}
