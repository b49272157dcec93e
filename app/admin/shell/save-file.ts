import { useState } from "react";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import { shellTexts } from "./texts.ts";

/** Hands a file to the browser to save. Its content is never part of an address. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

interface Download {
  start: () => void;
  isLoading: boolean;
  problem: NoticeWords | null;
}

/**
 * Fetches a file and hands it to the browser to save. A plain link would come without the session
 * token, which App Bridge adds to what the page fetches itself: it has replaced `window.fetch`.
 */
export function useDownload(url: string, fileName: string): Download {
  const [isLoading, setIsLoading] = useState(false);
  const [problem, setProblem] = useState<Download["problem"]>(null);
  const start = async () => {
    setIsLoading(true);
    setProblem(null);
    try {
      const response = await window.fetch(url);
      if (response.ok) saveFile(await response.blob(), fileName);
      else setProblem(await readProblem(response));
    } catch {
      // The connection was lost, perhaps in the middle of the file.
      setProblem(FAILED);
    }
    setIsLoading(false);
  };
  return { start: () => void start(), isLoading, problem };
}

const FAILED: NoticeWords = shellTexts.export.failed;

/** The body of a 422 says what is wrong with the request. */
async function readProblem(response: Response): Promise<NoticeWords> {
  if (response.status !== 422) return FAILED;
  return { ...FAILED, ...((await response.json()) as Partial<NoticeWords>) };
}
