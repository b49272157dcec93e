import { useFetcher } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { type FormValues, listChanges, toFormValues } from "./settings-form.ts";
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
  /** One for each save that had faults, also when they are the same again. Null: it had none. */
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

/** Each answer once: the same one stays with the fetcher until the next. */
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
