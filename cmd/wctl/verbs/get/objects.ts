import { isNotFound } from "../../../../api/errors.ts";
import { keyOf, makeKey, type Stored } from "../../../../api/object.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import type { OutputFormat } from "../../printers/output-format.ts";
import { printObjects } from "../../printers/print-objects.ts";
import { follow } from "../../watching/follow.ts";
import type { GetRequest, Lookup } from "./get-targets.ts";
import { selectionOf } from "./selection-of.ts";

/** Prints whole objects: JSON, YAML, names, templates. Several are printed as one List. */
export async function getObjects(request: GetRequest): Promise<number> {
  const { targets, flags } = request;
  const errors: unknown[] = [];
  const objects: Stored[] = [];
  const results = await Promise.allSettled(targets.map((target) => fetchObjects(target, request)));
  for (const result of results) {
    if (result.status === "fulfilled") objects.push(...result.value);
    else if (!(flags["ignore-not-found"] && isNotFound(result.reason))) errors.push(result.reason);
  }
  const single = targets.length === 1 && targets[0]!.name !== undefined;
  const missing = objects.length === 0 && (single || errors.length > 0);
  if (!missing) await print(request, await sorted(objects, flags["sort-by"]), single);
  throwCollected(errors);
  return 0;
}

async function fetchObjects(target: Lookup, { flags, context }: GetRequest): Promise<Stored[]> {
  const { client } = await context.session.open();
  const { resource, namespace, name } = target;
  if (name !== undefined) return [await client.get(resource, makeKey(namespace, name), { signal: context.signal })];
  const items: Stored[] = [];
  let next: string | undefined;
  do {
    const page = await client.list(resource, {
      ...selectionOf(target, flags),
      ...(flags["chunk-size"] > 0 ? { limit: flags["chunk-size"] } : {}),
      ...(next ? { continue: next } : {}),
      signal: context.signal,
    });
    items.push(...page.items);
    next = page.metadata.continue;
  } while (next);
  return items;
}

async function sorted(objects: Stored[], path: string | undefined): Promise<Stored[]> {
  if (!path) return objects;
  return (await import("./sort-by.ts")).sortBy(objects, path, (object) => object);
}

async function print(
  { format, flags, context }: GetRequest,
  objects: readonly Stored[],
  single: boolean,
): Promise<void> {
  const options = { single, showManagedFields: flags["show-managed-fields"], noHeaders: flags["no-headers"] };
  const text = await printObjects(format as Exclude<OutputFormat, { kind: "table" }>, objects, options);
  await context.out.write(format.kind === "yaml" && watchingMany(flags) ? `---\n${text}` : text);
}

const watchingMany = (flags: { watch: boolean; "watch-only": boolean }): boolean => flags.watch || flags["watch-only"];

/** Each object by itself whenever it changes. */
export async function watchObjects(request: GetRequest): Promise<number> {
  const { targets, flags, context } = request;
  const { client } = await context.session.open();
  const target = targets[0]!;
  if (target.name !== undefined) await client.get(target.resource, makeKey(target.namespace, target.name));
  const shown = new Map<string, string>();
  let first = true;
  for await (const present of follow(client, target.resource, selectionOf(target, flags), context)) {
    for (const object of present.values()) {
      if (shown.get(keyOf(object)) === object.metadata.resourceVersion) continue;
      shown.set(keyOf(object), object.metadata.resourceVersion);
      if (!(first && flags["watch-only"])) await print(request, [object], true);
    }
    first = false;
  }
  return 0;
}
