import { useLocation, useNavigate, useNavigation } from "@remix-run/react";
import { InlineGrid, Select } from "@shopify/polaris";
import { activityTexts } from "./texts.ts";

interface Option {
  value: string;
  label: string;
}

export interface FilterChoices {
  people: Option[];
  kinds: Option[];
  periods: Option[];
}

/** Without a filter. */
const NO_FILTER = { person: "", kind: "", date: "all" };

/** The filter stands in the address, so that a list can be sent to a colleague and gone back to. */
export function ActivityFilters({ people, kinds, periods }: FilterChoices) {
  const navigate = useNavigate();
  const shown = useLocation().search;
  // The next choice goes on top of one whose list is still on its way.
  const query = new URLSearchParams(useNavigation().location?.search ?? shown);
  const chosen = (name: keyof typeof NO_FILTER) => query.get(name) ?? NO_FILTER[name];
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
        value={chosen("person")}
        onChange={(value) => choose("person", value)}
      />
      <Select
        label={activityTexts.kind}
        options={kinds}
        value={chosen("kind")}
        onChange={(value) => choose("kind", value)}
      />
      <Select
        label={activityTexts.date}
        options={periods}
        value={chosen("date")}
        onChange={(value) => choose("date", value)}
      />
    </InlineGrid>
  );
}
