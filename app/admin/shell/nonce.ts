import { createContext } from "react";

/** What the page's scripts bear. In the browser nothing: it hides the attribute. */
export const Nonce = createContext<string | undefined>(undefined);
