import { splitKey } from "../../../../api/object.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import { parseTargets, type Target } from "../../input/targets.ts";
import type { OutputFormat } from "../../printers/output-format.ts";
import { nothingFound } from "../../text/messages.ts";

export interface GetFlags {
  watch: boolean;
  "watch-only": boolean;
  "output-watch-events": boolean;
  selector: string | undefined;
  "field-selector": string | undefined;
  "all-namespaces": boolean;
  "sort-by": string | undefined;
  "show-labels": boolean;
  "label-columns": string[];
  "show-kind": boolean;
  "show-managed-fields": boolean;
  "no-headers": boolean;
  filename: string[];
  recursive: boolean;
  "ignore-not-found": boolean;
  "chunk-size": number;
}

/** A target, and the namespace to look in (absent: all, or the kind has none). */
export interface Lookup extends Target {
  namespace?: string;
}

export interface GetRequest {
  targets: readonly Lookup[];
  flags: GetFlags;
  format: OutputFormat;
  context: Context;
}

export async function getTargets(args: readonly string[], flags: GetFlags, context: Context): Promise<Lookup[]> {
  if (flags.filename.length > 0) {
    const { readManifests } = await import("../../input/manifests.ts");
    const manifests = await readManifests(flags.filename, flags.recursive, context);
    return manifests.map(({ resource, key }) => ({ resource, ...splitKey(key) }));
  }
  const targets = parseTargets(args);
  if (targets.length === 0) {
    throw new Failure("You must specify the type of resource to get.", {
      hint: "See 'wctl get --help' for help and examples.",
    });
  }
  const named = targets.some(({ name }) => name !== undefined);
  if (named && flags["all-namespaces"])
    throw new Failure("a resource cannot be retrieved by name across all namespaces");
  if (named && flags.selector) throw new Failure("name cannot be provided when a selector is specified");
  const { namespace } = await context.session.open();
  return targets.map((target) =>
    target.resource.namespaced && !flags["all-namespaces"] ? { ...target, namespace } : target,
  );
}

/** The message for an empty answer: with the namespace when it was one. */
export function emptyMessage({ targets }: GetRequest): string {
  return nothingFound(targets.find((target) => target.resource.namespaced)?.namespace);
}
