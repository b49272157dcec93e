export const TASKS = [
  "send_event",
  "send_batch_events",
  "list_conversion_tags",
  "get_conversion_tag",
] as const;

export type TaskName = (typeof TASKS)[number];
