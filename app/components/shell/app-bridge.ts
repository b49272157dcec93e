/** What this app uses of App Bridge, which Shopify's script puts into the window. */
interface AppBridge {
  toast: {
    show(
      message: string,
      options?: { duration?: number; action?: string; onAction?: () => void },
    ): string;
  };
  saveBar: {
    show(id: string): Promise<void>;
    hide(id: string): Promise<void>;
    /** Resolves when there is nothing unsaved, or the person leaves all the same. */
    leaveConfirmation(): Promise<void>;
  };
  app: { extensions(): Promise<AppExtension[]> };
}

/** An extension of this app, as `shopify.app.extensions()` lists it. */
export interface AppExtension {
  handle: string;
  type: string;
  activations?: { status?: string; target?: string }[];
}

/** Undefined while the page is rendered on the server, and outside the Shopify admin. */
export function appBridge(): AppBridge | undefined {
  if (typeof window === "undefined") return undefined;
  return (window as unknown as { shopify?: AppBridge }).shopify;
}

/** Confirms what was done; an error never stands in a toast, because toasts go. */
export function showToast(message: string, undo?: { label: string; run: () => void }): void {
  appBridge()?.toast.show(message, {
    ...(undo !== undefined && { action: undo.label, onAction: undo.run }),
  });
}
