import type { HttpClient } from "../../../../api/http/http-client.ts";
import { objectIn, type ReadableSchema, schemaAt } from "../../../../api/schema-fields.ts";
import { apiVersionOf, resourceNamed } from "../../../../api/scheme.ts";
import { didYouMean } from "../../../../lib/near-miss.ts";
import { type Context, command } from "../../command/command.ts";
import { servedAs } from "../../discovery/served.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { resourceFor } from "../../input/targets.ts";
import { deadline } from "../../watching/deadline.ts";
import { explanation, outline } from "./explanation.ts";
import { type ServedKind, servedSchema } from "./served-schema.ts";

export const explain = command({
  name: "explain",
  summary: "Say what a kind and its fields mean.",
  description:
    "As kubectl's, with types, defaults and allowed values: the fields that the server has (its OpenAPI 3 documents), or, where none answers, those of this version of wctl. docs/kinds has the same on pages. daemonconfig is the file of wctl daemon --config.",
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
    const { kind, root } = isConfiguration(type) ? await ownKind("DaemonConfig") : await kindOf(type, context);
    const head = { kind: root.title ?? type, version: kind && apiVersionOf(kind) };
    const schema = schemaAt(root, path);
    if (!schema) throw unknownField(root, type, path);
    const shown = { head, schema, field: path.at(-1), columns: context.out.columns };
    await context.out.write(flags.recursive ? outline(shown) : explanation(shown));
    return 0;
  },
});

interface Known {
  /** Absent: no server has it. */
  kind?: ServedKind;
  root: ReadableSchema;
}

const isConfiguration = (type: string): boolean => type.toLowerCase() === "daemonconfig";

/** What the server says, where there is one that does; else what this version of wctl knows. Throws Failure for a kind that neither knows. */
async function kindOf(type: string, context: Context): Promise<Known> {
  const own = resourceNamed(type);
  const served = await askServer(context, async (client, signal) => {
    const kind = own ?? (await servedAs(client, type, signal));
    const root = kind && (await servedSchema(client, kind, signal));
    return root && { kind, root };
  });
  if (served) return served;
  const kind = resourceFor(type);
  return { ...(await ownKind(kind.kind)), kind };
}

async function ownKind(name: string): Promise<Known> {
  // Only this verb of the command line reads them, and they are large.
  const { schemas } = await import("../../../../api/schemas.generated.ts");
  const root = (schemas as unknown as Readonly<Record<string, ReadableSchema>>)[name];
  if (!root) throw new Failure(`only a server can say what ${name} is, and none has answered`);
  return { root };
}

/** Who has no server, or one that is silent, gets an answer all the same. */
const LONGEST_SECONDS = 5;

/** Undefined when the server does not say, for whatever reason. */
async function askServer(
  { session, clock, signal }: Context,
  ask: (client: HttpClient, signal: AbortSignal) => Promise<Known | undefined>,
): Promise<Known | undefined> {
  const limit = deadline(clock, LONGEST_SECONDS, signal);
  try {
    const { client } = await session.open();
    return await ask(client, limit.signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  } finally {
    limit.cancel();
  }
}

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
