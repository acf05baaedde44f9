import { objectIn, type ReadableSchema, schemaAt } from "../../../../api/schema-fields.ts";
import { apiVersionOf } from "../../../../api/scheme.ts";
import { didYouMean } from "../../../../lib/near-miss.ts";
import { command } from "../../command/command.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { resourceFor } from "../../input/targets.ts";
import { explanation, outline } from "./explanation.ts";

export const explain = command({
  name: "explain",
  summary: "Say what a kind and its fields mean.",
  description:
    "As kubectl's, without asking a server: the fields of this version of wctl, with their types, defaults and allowed values. docs/kinds has the same on pages. daemonconfig is the file of wctl daemon --config.",
  usage: ["explain TYPE[.FIELD[.FIELD...]] [--recursive]"],
  examples: [
    { what: "The fields of a process", line: "wctl explain process.spec" },
    { what: "What one field means", line: "wctl explain process.spec.stop.signal" },
    { what: "All fields below, as an outline", line: "wctl explain process.spec.readinessProbe --recursive" },
  ],
  takes: { types: "any", onlyType: true },
  options: [{ name: "recursive", type: "boolean", description: "All fields below, without their descriptions." }],
  async run([what, ...more], flags, context) {
    if (what === undefined || more.length > 0)
      throw usageFailure("explain", "name one kind or field: wctl explain process.spec");
    const [type = "", ...path] = what.split(".");
    // Only this verb of the command line reads them, and they are large.
    const { schemas } = await import("../../../../api/schemas.generated.ts");
    const known = schemas as unknown as Readonly<Record<string, ReadableSchema>>;
    const isConfig = type.toLowerCase() === "daemonconfig";
    const resource = isConfig ? undefined : resourceFor(type);
    const root = known[resource?.kind ?? "DaemonConfig"]!;
    const head = { kind: root.title!, version: resource ? apiVersionOf(resource) : undefined };
    const schema = schemaAt(root, path);
    if (!schema) throw unknownField(root, type, path);
    const shown = { head, schema, field: path.at(-1), columns: context.out.columns };
    await context.out.write(flags.recursive ? outline(shown) : explanation(shown));
    return 0;
  },
});

/** Names the first part of the path that is not there, and what was meant by it. */
function unknownField(root: ReadableSchema, type: string, path: readonly string[]): Failure {
  const at = path.findIndex((_, index) => !schemaAt(root, path.slice(0, index + 1)));
  const above = schemaAt(root, path.slice(0, at));
  const names = Object.keys((above && objectIn(above))?.properties ?? {});
  const where = [type, ...path.slice(0, at)].join(".");
  const meant = didYouMean(path[at]!, names);
  return new Failure(`field ${JSON.stringify(path[at])} does not exist in ${where}${meant}`, {
    hint: names.length > 0 ? `'wctl explain ${where}' lists its fields.` : `${where} has no fields.`,
  });
}
