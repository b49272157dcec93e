import { useFetcher } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { lookUp } from "#app/events/look-up.ts";
import { findSetting, SETTINGS } from "#app/events/settings-table.ts";
import type { PreviewTexts } from "./describe-preview.server.ts";
import { settingsTexts } from "./texts.ts";

/** What is saved, as far as this form knows. */
interface Saved {
  version: number;
  settings: object;
}

export interface Conflict extends Saved {
  title: string;
  cause: string;
  theirs: string;
  changes: string[];
}

/** The answer to a save. */
export type SaveAnswer =
  | ({ kind: "saved" } & Saved)
  | { kind: "faults"; summary: string; fields: Record<string, string> }
  | { kind: "conflict"; notice: Conflict };

export interface SettingsForm {
  values: FormValues;
  base: FormValues;
  /** Texts beneath fields, by setting. */
  faults: Readonly<Record<string, string>>;
  /** A new object for each save that had faults, even the same ones. Null: it had none. */
  summary: { text: string } | null;
  conflict: Conflict | null;
  isDirty: boolean;
  isSaving: boolean;
  /** Undefined: not set. */
  set(name: string, value: string | undefined): void;
  discard(): void;
  save(): void;
  /** Takes what somebody else saved; `keepsOwn`: with this form's changes on top. */
  takeTheirs(keepsOwn: boolean): void;
}

type Notes = Pick<SettingsForm, "faults" | "summary" | "conflict">;

const NOTHING: Notes = { faults: {}, summary: null, conflict: null };

export function useSettingsForm(loaded: Saved): SettingsForm {
  const fetcher = useFetcher<SaveAnswer>();
  const [base, setBase] = useState(() => ({ ...loaded, values: toFormValues(loaded.settings) }));
  const [values, setValues] = useState(base.values);
  const [notes, setNotes] = useState(NOTHING);
  const changes = listChanges(base.values, values);

  const rebase = (saved: Saved, own: Record<string, string | undefined> = {}) => {
    const fresh = toFormValues(saved.settings);
    setBase({ ...saved, values: fresh });
    setValues(withChanges(fresh, own));
    setNotes(NOTHING);
  };
  useAnswer(fetcher.data, (answer) => {
    if (answer.kind === "conflict") setNotes({ ...NOTHING, conflict: answer.notice });
    else if (answer.kind === "faults") {
      setNotes({ ...NOTHING, faults: answer.fields, summary: { text: answer.summary } });
    } else {
      rebase(answer);
      showToast(settingsTexts.saved);
    }
  });
  return {
    ...notes,
    values,
    base: base.values,
    isDirty: Object.keys(changes).length > 0,
    isSaving: fetcher.state !== "idle",
    set(name, value) {
      setValues((before) => withChanges(before, { [name]: value }));
      setNotes((before) => withoutFault(before, name));
    },
    discard() {
      setValues(base.values);
      setNotes(NOTHING);
    },
    save() {
      if (fetcher.state !== "idle") return;
      const body = { changes: JSON.stringify(changes), version: String(base.version) };
      fetcher.submit({ intent: "save", ...body }, { method: "post" });
    },
    takeTheirs(keepsOwn) {
      const { conflict } = notes;
      if (conflict === null) return;
      const own = Object.keys(changes).map((name) => [name, values[name]]);
      rebase(conflict, keepsOwn ? Object.fromEntries(own) : {});
      if (!keepsOwn) showToast(settingsTexts.reloaded);
    },
  };
}

/** Handles each answer once: the fetcher keeps it until the next. */
function useAnswer(answer: SaveAnswer | undefined, take: (answer: SaveAnswer) => void): void {
  const taken = useRef<SaveAnswer | undefined>(undefined);
  useEffect(() => {
    if (answer === undefined || taken.current === answer) return;
    taken.current = answer;
    take(answer);
  }, [answer, take]);
}

function withChanges(
  values: FormValues,
  changes: Record<string, string | undefined>,
): Record<string, string> {
  const merged = Object.entries({ ...values, ...changes });
  return Object.fromEntries(
    merged.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function withoutFault(notes: Notes, name: string): Notes {
  const { [name]: _gone, ...faults } = notes.faults;
  return { ...notes, faults };
}

/** What the fields hold, by setting: lists as lines. A setting that is not there is not set. */
type FormValues = Readonly<Record<string, string>>;

/**
 * The field of the template, which is not a setting; it keeps its text whichever format is chosen.
 */
export const TEMPLATE_FIELD = "~template";
const USUAL_TEMPLATE = "shopify_{country}_{product}_{variant}";

function toFormValues(settings: object): FormValues {
  const values = Object.entries(settings).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join("\n") : String(value),
  ]);
  const fields = Object.fromEntries(values);
  const format = lookUp<string>(fields, "product_id") ?? "";
  return { ...fields, [TEMPLATE_FIELD]: isTemplate(format) ? format : USUAL_TEMPLATE };
}

/** Anything but the three named formats is a template, valid or not. */
export function isTemplate(productId: string): boolean {
  return !Object.hasOwn(SETTINGS.product_id.values, productId);
}

/** What to save, as the settings take it: null puts one back to its default. */
function listChanges(base: FormValues, values: FormValues): Record<string, unknown> {
  const names = [...new Set([...Object.keys(base), ...Object.keys(values)])];
  const changed = names.filter((name) => name !== TEMPLATE_FIELD && base[name] !== values[name]);
  return Object.fromEntries(changed.map((name) => [name, toSetting(name, values[name])]));
}

function toSetting(name: string, value: string | undefined): unknown {
  if (value === undefined) return null;
  if (findSetting(name)?.isList === undefined) return value;
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Rules of consent that become weaker. */
export function weakensConsent(base: FormValues, values: FormValues): boolean {
  return Object.keys(base).some(
    (name) => name.startsWith("consent.") && base[name] === "require" && values[name] !== "require",
  );
}

/** The preview waits until the typing pauses. */
const PAUSE_MS = 400;

/** Null: not here yet. The last one stays until the next is here. */
export function usePreview(form: SettingsForm): PreviewTexts | null {
  const fetcher = useFetcher<PreviewTexts>();
  const [shown, setShown] = useState<PreviewTexts | null>(null);
  const address = previewAddress(form);
  const { load, data } = fetcher;
  const isFirst = useRef(true);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        isFirst.current = false;
        load(address);
      },
      isFirst.current ? 0 : PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [address, load]);
  useEffect(() => {
    if (data !== undefined) setShown(data);
  }, [data]);
  return shown;
}

/** Asks about one id of the catalog. */
export function previewAddress({ base, values }: SettingsForm, catalogId?: string): string {
  const changes = Object.entries(listChanges(base, values)).filter(
    ([name]) => findSetting(name)?.hasPreview === true,
  );
  const query = new URLSearchParams({
    changes: JSON.stringify(Object.fromEntries(changes)),
    template: values[TEMPLATE_FIELD] ?? "",
    format: values.product_id ?? "",
  });
  if (catalogId !== undefined) query.set("id", catalogId);
  return `/app/settings/preview?${query}`;
}
