export const INPUT_FORMATS = ["json", "jsonl", "csv"] as const;

export type InputFormat = (typeof INPUT_FORMATS)[number];
