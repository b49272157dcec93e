import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Which of the texts stand in any file under the folder: "text in file". */
export async function findInFiles(folder: string, texts: readonly string[]): Promise<string[]> {
  const needles = texts.map((text) => ({ text, bytes: Buffer.from(text) }));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    // Postgres removes files of its own at any time.
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    for (const { text, bytes } of needles) {
      if (content.includes(bytes)) found.push(`${text} in ${path.relative(folder, file)}`);
    }
  }
  return found;
}
