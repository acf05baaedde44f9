import { portsOf, portVariable } from "../../../api/instance-ports.ts";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";

/** The variables that wctl itself gives to a copy. Nothing that a manifest names can replace them. */
export const ownVariables = ({ metadata, spec }: Stored<Instance>): [string, string][] => [
  ["WCTL_NAMESPACE", metadata.namespace ?? ""],
  ["WCTL_INSTANCE_NAME", metadata.name],
  ["WCTL_INSTANCE_INDEX", String(spec.index)],
  ...portsOf(spec).map(({ name, port }): [string, string] => [portVariable(name), String(port)]),
];

/**
 * The command line of a probe or of preStop: `$(WCTL_PORT_HTTP)` stands for the copy's own variable, `$$(WCTL_PORT_HTTP)` is the text itself. What
 * names no such variable stays as it is, so a line that is meant for a shell does too. What was put in is not looked at again.
 */
export function expandOwn(command: readonly string[], instance: Stored<Instance>): string[] {
  if (!command.some((text) => text.includes("$("))) return [...command];
  const own = new Map(ownVariables(instance));
  return command.map((text) =>
    text.replace(/(\$+)\((WCTL_[A-Z0-9_]+)\)/g, (whole, dollars: string, name: string) => {
      const value = own.get(name);
      if (value === undefined) return whole;
      const kept = "$".repeat(Math.floor(dollars.length / 2));
      return dollars.length % 2 === 0 ? `${kept}(${name})` : kept + value;
    }),
  );
}
