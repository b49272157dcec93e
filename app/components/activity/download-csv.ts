import { saveFile } from "#app/components/shell/save-file.ts";

/** Why there is no file, for the reader; null: it was handed to the browser. */
export type Download = { problem: string | null };

/**
 * Saves what an address of the admin answers. A link would not do: App Bridge adds the session token
 * to `fetch` alone, and without it the server turns the request away.
 */
export async function downloadCsv(
  address: string,
  { name, failed }: { name: string; failed: string },
): Promise<Download> {
  try {
    const response = await window.fetch(address);
    if (response.status === 422) {
      const { why } = (await response.json()) as { why: string };
      return { problem: why };
    }
    if (!response.ok) return { problem: failed };
    saveFile(await response.blob(), name);
    return { problem: null };
  } catch {
    return { problem: failed };
  }
}
