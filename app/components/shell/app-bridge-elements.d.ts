import type { DetailedHTMLProps, HTMLAttributes } from "react";

type BridgeElement = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement>;

/** The elements that App Bridge draws outside the frame. */
declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "ui-nav-menu": BridgeElement;
      "ui-save-bar": BridgeElement;
    }
  }
}
