/** As much of a terminal as a progress bar needs. */
export interface Terminal {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface Progress {
  update(settled: number, total: number): void;
  /** Wipes the bar away: what comes after starts on a clean line. */
  clear(): void;
}

const WIDTH = 30;

/** A bar on a terminal; anywhere else nothing, as a log has no use for one. */
export function showProgress(terminal: Terminal): Progress {
  if (terminal.isTTY !== true) return { update() {}, clear() {} };
  let shown = "";
  return {
    update(settled, total) {
      const filled = total === 0 ? WIDTH : Math.floor((settled / total) * WIDTH);
      const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${settled} of ${total} events`;
      if (bar === shown) return;
      shown = bar;
      terminal.write(`\r${bar}\u001b[K`);
    },
    clear() {
      if (shown !== "") terminal.write("\r\u001b[K");
      shown = "";
    },
  };
}
