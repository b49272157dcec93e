/** An event's state as a badge: a word always, the color never alone. */
export interface StateBadge {
  label: string;
  tone: "success" | "critical" | "attention" | "warning" | "info" | null;
  progress: "incomplete" | "partiallyComplete" | "complete" | null;
  /** Pinterest left a note: an icon says so beside the word. */
  isNoted: boolean;
}
