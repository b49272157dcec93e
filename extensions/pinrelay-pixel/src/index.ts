import { register } from "@shopify/web-pixels-extension";
import { quietly, startPixel } from "./start-pixel.ts";

register(quietly(startPixel));
