import type { KubeObject } from "../../api/object.ts";
import type { Process } from "../../api/types.generated.ts";
import { quote } from "./field-error.ts";

/** What is allowed but hardly meant; shown to whoever wrote it. */
export function objectWarnings(next: KubeObject): string[] {
  return next.kind === "Process" ? commandWarnings(next as Process) : [];
}

/** A shell line in `command` is the commonest slip: no shell will split it. */
function commandWarnings({ spec: { command } }: Process): string[] {
  if (!/\s/.test(command) || /[\\/]/.test(command.split(/\s/, 1)[0] ?? "")) return [];
  return [`spec.command: ${quote(command)} is looked up as the name of one program; arguments belong in spec.args`];
}
