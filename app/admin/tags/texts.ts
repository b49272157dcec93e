import type { TagSwitch } from "#app/events/pinterest-tag.ts";

export const tagsTexts = {
  title: "Tags",
  subject: "tags",
  intro:
    "A tag is Pinterest's own script in the pages of a store. Purchases reach Pinterest without one: Pinrelay sends them from the server.",
  create: "Create tag",
  fromPinterest: "From Pinterest",
  columns: {
    name: "Name",
    id: "Tag ID",
    status: "Status",
    match: "Enhanced match",
    fired: "Last fired",
    store: "On this store",
  },
  never: "Never",
  notKnown: "Not known",
  notChosen: "–",
  notChosenLong: "Not used on this store",
  embed: {
    active: "Theme embed: on",
    off: "Theme embed: off",
    unavailable: "Theme embed: your theme can't take it",
    none: "Theme embed: not deployed",
    unknown: "Theme embed: not known",
    asking: "Theme embed: …",
  },
  chosenText:
    "This store's theme is given this tag. It loads the tag once the theme embed of Pinrelay is on; Shopify says here whether it is.",
  empty: {
    title: "This ad account has no tags",
    text: "Nothing is missing: purchases are sent without a tag. A tag adds what shoppers look at before they buy.",
  },
  hint: "{name} fires on a website, and was not chosen for this store here. If it is on your store, it may send the same sales.",
  hintAction: "Open duplicate check",
  detail: {
    facts: "About this tag",
    version: "Version",
    switches: "Matching switches",
    on: "On",
    off: "Off",
    code: "Code",
    codeText:
      "Only for stores that can't use the theme embed. It is shown as text and does not run here.",
    noCode: "Pinterest gave no code for this tag.",
    use: "Use on this store",
    stopUsing: "Stop using on this store",
    used: "{name} is the tag of this store",
    unused: "This store uses no tag",
    back: "Tags",
  },
  chooseErrors: {
    unknown_tag:
      "Pinterest does not name this tag for the store's ad account. Reload the list of tags, and choose again.",
    shopify_refused: "Shopify did not keep the choice: {message} Nothing was changed.",
    shopify_silent: "Shopify did not answer, so nothing was changed. Try again.",
  },
  form: {
    title: "Create tag",
    name: "Name",
    nameHelp: "1 to 100 characters. Pinterest lets no app rename a tag.",
    switches: "Match shoppers by",
    switchesHelp:
      "The tag may read these from forms on your pages, and sends them hashed. They can't be changed later by an app.",
    submit: "Create tag",
    confirmTitle: "Create “{name}” at Pinterest?",
    confirm: "Pinterest lets no app rename or delete a tag.",
    created: "Tag created",
  },
  formErrors: {
    name_missing: "Enter a name of 1 to 100 characters",
    name_too_long: "Use at most 100 characters",
    form_unknown: "This page is out of date. Reload it, and enter the name again.",
    lost: "We couldn't confirm whether Pinterest made this tag: its answer was lost. We don't ask again, because a tag can't be deleted. Look at the list of tags before you create another.",
    refused: "Pinterest did not make the tag: “{message}”",
  },
} as const;

/** Pinterest's words for a tag's state; others are shown as they are. */
export const tagStatusWords = {
  ACTIVE: { label: "Active", tone: "success" },
  PAUSED: { label: "Paused", tone: "warning" },
  ARCHIVED: { label: "Archived" },
  DRAFT: { label: "Draft" },
  DELETED_DRAFT: { label: "Deleted draft" },
} as const satisfies Record<string, { label: string; tone?: "success" | "warning" }>;

/** Pinterest's words for enhanced match; others are shown as they are. */
export const tagMatchWords = {
  VALIDATION_COMPLETE: "Checked",
  VALIDATING_IN_PROGRESS: "Checking",
  NOT_VALIDATED: "Not checked",
  UNKNOWN: "Not known",
} as const satisfies Record<string, string>;

export const tagSwitchWords = {
  aem_enabled: "Email",
  aem_fnln_enabled: "Name",
  aem_ph_enabled: "Phone",
  aem_ge_enabled: "Gender",
  aem_db_enabled: "Birthday",
  aem_loc_enabled: "Place",
  aem_external_id_enabled: "External ID",
} as const satisfies Record<TagSwitch, string>;
