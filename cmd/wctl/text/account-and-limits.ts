import type { Instance } from "../../../api/types.generated.ts";
import { formatBytes, formatQuantity, parseQuantity } from "../../../lib/quantity.ts";
import type { Entry } from "./labelled-lines.ts";

/** The account that the running programs have, and the limits that they were started with; the manifest may set neither. */
export function accountAndLimits(copies: readonly Pick<Instance, "spec" | "status">[]): Entry[] {
  const different = (texts: (string | undefined)[]): string | undefined =>
    [...new Set(texts.filter((text) => text !== undefined))].join("; ") || undefined;
  return [
    ["Runs As", different(copies.map(({ status }) => status?.account))],
    ["Runs Within", different(copies.map(limitsText))],
  ];
}

/** `processes 4096 (the daemon's default), memory 512Mi` */
function limitsText({ spec, status }: Pick<Instance, "spec" | "status">): string | undefined {
  const declared = spec.resources?.limits ?? {};
  const limits = Object.entries(status?.limits ?? {}).map(
    ([name, value]) =>
      `${name} ${limitText(name, value)}${Object.hasOwn(declared, name) ? "" : " (the daemon's default)"}`,
  );
  return limits.length === 0 ? undefined : limits.join(", ");
}

/** As people write it: memory as 512Mi, whether the manifest says that or a number of bytes. */
export function limitText(name: string, value: number | string): string {
  if (name === "memory") return formatBytes(parseQuantity(value));
  return name === "cpu" ? formatQuantity(parseQuantity(value)) : String(value);
}
