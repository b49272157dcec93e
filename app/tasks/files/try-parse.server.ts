/** Null: broken. Node's own error repeats a piece of the text, which may be somebody's email. */
export function tryParse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
