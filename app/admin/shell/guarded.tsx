import { Box, Card, Text } from "@shopify/polaris";
import {
  Component,
  createContext,
  type ErrorInfo,
  type ReactNode,
  useContext,
  useEffect,
  useState,
} from "react";
import { shellTexts } from "./texts.ts";

/** The element in place of a part that failed: a table needs a row, a list an item. */
type Form = "row" | "item" | "card";

export interface GuardedProps {
  /** The name that readers know it by: an event's id, a card's title. */
  name: string;
  as: Form;
  children: ReactNode;
}

/** A boundary around a part of a page: if the part fails to render, the page stays. */
export function Guarded({ name, as, children }: GuardedProps) {
  const isBare = useContext(Bare);
  if (isBare) return <Stand as={as}>{name}</Stand>;
  return (
    <Boundary fallback={<Stand as={as}>{`${name} ${shellTexts.notShown}`}</Stand>}>
      {children}
    </Boundary>
  );
}

/** The id of the event whose page is at an address. */
export function eventIdIn(url: string): string {
  return decodeURIComponent(url.split("?", 1)[0]?.split("/").at(-1) ?? "");
}

function Stand({ as, children }: { as: Form; children: string }) {
  const text = <Text as="span">{children}</Text>;
  if (as === "item") return <li>{text}</li>;
  if (as === "card") return <Card>{text}</Card>;
  return (
    <tr>
      <td colSpan={100}>
        <Box padding="300">{text}</Box>
      </td>
    </tr>
  );
}

interface BoundaryProps {
  fallback: ReactNode;
  children: ReactNode;
}

class Boundary extends Component<BoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch(error: Error, _info: ErrorInfo) {
    reportError(error);
  }

  override render() {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}

/**
 * Whether guarded parts are left out. React draws boundaries on the server as if they were not
 * there, and a page with one bad row would be no page: it is drawn a second time without any row,
 * and the browser, where boundaries hold, puts them in.
 */
export const Bare = createContext(false);

export const BARE_ATTRIBUTE = "data-bare";

/** Around the page in the browser: bare as it came, and whole as soon as it runs. */
export function FillBarePage({ children }: { children: ReactNode }) {
  const [isBare, setIsBare] = useState(() => document.documentElement.hasAttribute(BARE_ATTRIBUTE));
  useEffect(() => setIsBare(false), []);
  return <Bare.Provider value={isBare}>{children}</Bare.Provider>;
}
