import type { KubeObject } from "../../api/object.ts";
import type { Process } from "../../api/types.generated.ts";
import { quote } from "./field-error.ts";

/** What is allowed but hardly meant; shown to whoever wrote it. */
export function objectWarnings(next: KubeObject): string[] {
  if (next.kind !== "Process") return [];
  return [...commandWarnings(next as Process), ...stopWarnings(next as Process)];
}

/** Windows lets nobody close windows of another session or desktop, and a service has none of its own that a person sees. */
function stopWarnings({ spec: { stop } }: Process): string[] {
  if (stop?.signal !== "WmClose") return [];
  return [
    "spec.stop.signal: WmClose reaches only windows of the daemon's own session and desktop; a daemon that is a Windows service " +
      "reaches no window of a user, and the program is killed after gracePeriodSeconds: CtrlC or Event reach it",
  ];
}

/** A shell line in `command` is the commonest slip: no shell will split it. */
function commandWarnings({ spec: { command } }: Process): string[] {
  if (!/\s/.test(command) || /[\\/]/.test(command.split(/\s/, 1)[0] ?? "")) return [];
  return [`spec.command: ${quote(command)} is looked up as the name of one program; arguments belong in spec.args`];
}
