import { useFetcher } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { findSetting } from "#app/events/settings-table.ts";
import { listChanges, TEMPLATE_FIELD } from "./settings-form.ts";
import type { SettingsForm } from "./use-settings-form.ts";

export interface ProductIds {
  variant: string;
  product: string;
  sku: string;
  template: string;
}

/** What becomes of the events of a shopper in a country, by what they said. */
export interface ConsentRow {
  country: string;
  cells: string[];
}

/** What the store's own orders and products would be under the settings of the form. */
export interface Preview {
  values: Record<string, string>;
  valueNote: string | null;
  products: { title: string; ids: ProductIds }[];
  productNote: string | null;
  consent: string;
  consentCases: ConsentRow[];
  catalogId: { isMatch: boolean; text: string } | null;
}

/** A person who types is asked for nothing. */
const PAUSE_MS = 400;

/** Null: not here yet. The last one stays until the next is here. */
export function usePreview(form: SettingsForm): Preview | null {
  const fetcher = useFetcher<Preview>();
  const [shown, setShown] = useState<Preview | null>(null);
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
