/** Where text stops being JSON; both count from 1. Node does not always say so; this parser does. */
export async function findJsonFault(text: string): Promise<{ line: number; column: number }> {
  const { parse } = await import("lossless-json");
  let message = "";
  try {
    parse(text);
  } catch (error) {
    message = (error as Error).message;
  }
  const position = Number(/at position (\d+)$/.exec(message)?.[1] ?? 0);
  const before = text.slice(0, position).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
