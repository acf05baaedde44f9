import type { KubeObject } from "../../../../api/object.ts";
import type { Resource } from "../../../../api/scheme.ts";
import type { Context } from "../../command/command.ts";
import { dryRun, fieldManager, writeOutput } from "../../command/common-options.ts";
import type { Flags } from "../../command/option.ts";
import { usageFailure } from "../../errors/failure.ts";
import { warn } from "../../output/warn.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { saveConfig, validate, withSavedConfig, writeOptionsOf } from "../../writing/options.ts";
import { WrittenPrinter } from "../../writing/written.ts";

/** Flags of every `create KIND NAME`. */
export const createOptions = [
  dryRun,
  writeOutput,
  validate,
  saveConfig,
  { ...fieldManager, default: "wctl-create" },
] as const;

type CreateFlags = Flags<typeof createOptions>;

/** The one name that `create KIND` takes. */
export function nameOf(args: readonly string[], verb: string): string {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0)
    throw usageFailure(verb, `exactly one NAME is required, got ${args.length}`);
  return name;
}

/** Creates an object that the command line describes. `--dry-run=client` needs no server: it shows what would be sent. */
export async function createOne<T extends KubeObject>(
  resource: Resource<T>,
  described: T,
  flags: CreateFlags,
  { session, out, err }: Context,
): Promise<number> {
  const object = await withSavedConfig(inNamespace(described, resource, session.namespace), flags["save-config"]);
  const send = async (): Promise<KubeObject> => {
    const { client, namespace } = await session.open();
    const onWarning = (text: string): unknown => warn(err, text);
    return client.create(resource, inNamespace(object, resource, namespace), { ...writeOptionsOf(flags), onWarning });
  };
  const created = flags["dry-run"] === "client" ? object : await send();
  const name = objectName(resource, created.metadata.name);
  const printer = new WrittenPrinter(out, flags.output);
  await printer.add({ object: created, name, message: `${name} created${dryRunSuffix(flags["dry-run"])}` });
  await printer.end();
  return 0;
}

const inNamespace = <T extends KubeObject>(object: T, resource: Resource<T>, namespace: string | undefined): T =>
  resource.namespaced && namespace !== undefined ? { ...object, metadata: { ...object.metadata, namespace } } : object;
