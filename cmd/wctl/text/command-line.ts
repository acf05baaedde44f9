import type { ProcessSpec } from "../../../api/types.generated.ts";

/** Program and arguments as one readable line; words with blanks or quotes are quoted. For people, not for a shell. */
export const commandLine = ({ command, args = [] }: Pick<ProcessSpec, "command" | "args">): string =>
  [command, ...args].map((word) => (/^[^\s"']+$/.test(word) ? word : JSON.stringify(word))).join(" ");
