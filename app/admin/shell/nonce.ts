import { createContext } from "react";

/** The nonce of the page's scripts. Undefined in the browser, which hides the attribute. */
export const Nonce = createContext<string | undefined>(undefined);
