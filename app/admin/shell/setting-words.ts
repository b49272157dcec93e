export const settingWords = {
  none: "none",
  notSet: "not set",
  /** The word in place of what must not be shown. */
  changed: "changed",
  template: "template {template}",
} as const;

/** `source.other`: every source that has no rule of its own. */
export const otherSources = "Other apps";

export const regionNames = {
  EU: "the European Union and EEA",
  GB: "the United Kingdom",
  CH: "Switzerland",
  default: "all other countries",
} as const;
