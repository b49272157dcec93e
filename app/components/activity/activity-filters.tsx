import { useNavigate, useSearchParams } from "@remix-run/react";
import { InlineGrid, Select } from "@shopify/polaris";
import { activityTexts } from "#app/texts/activity.ts";

interface Option {
  value: string;
  label: string;
}

export interface FilterChoices {
  filter: { person: string; kind: string; date: string };
  people: Option[];
  kinds: Option[];
  periods: Option[];
}

/** The filter stands in the address, so that a list can be sent to a colleague and gone back to. */
export function ActivityFilters({ filter, people, kinds, periods }: FilterChoices) {
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const choose = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    next.delete("older");
    next.delete("newer");
    if (value === "" || value === "all") next.delete(name);
    else next.set(name, value);
    navigate({ search: `?${next}` });
  };
  return (
    <InlineGrid columns={{ xs: 1, sm: 3 }} gap="300">
      <Select
        label={activityTexts.person}
        options={people}
        value={filter.person}
        onChange={(value) => choose("person", value)}
      />
      <Select
        label={activityTexts.kind}
        options={kinds}
        value={filter.kind}
        onChange={(value) => choose("kind", value)}
      />
      <Select
        label={activityTexts.date}
        options={periods}
        value={filter.date}
        onChange={(value) => choose("date", value)}
      />
    </InlineGrid>
  );
}
