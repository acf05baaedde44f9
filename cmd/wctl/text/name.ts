import type { Resource } from "../../../api/scheme.ts";
import { plainLine } from "./plain.ts";

/** `process.wctl.dev`, or `secret` in the core group: how messages call a kind. */
export const kindName = (resource: Pick<Resource, "kind" | "group">): string =>
  resource.group ? `${resource.kind.toLowerCase()}.${resource.group}` : resource.kind.toLowerCase();

/** `process.wctl.dev/web`. */
export const objectName = (resource: Pick<Resource, "kind" | "group">, name: string): string =>
  `${kindName(resource)}/${plainLine(name)}`;
