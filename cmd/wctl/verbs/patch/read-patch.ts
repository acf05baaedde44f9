import { readFile } from "node:fs/promises";
import type { JsonPatchOperation, Patch } from "../../../../api/client.ts";
import { ManifestError } from "../../../../api/manifest-error.ts";
import { readYamlLazily } from "../../../../api/yaml/read-yaml-lazily.ts";
import { isObject } from "../../../../lib/json-object.ts";
import { Failure } from "../../errors/failure.ts";

interface PatchFlags {
  patch: string | undefined;
  "patch-file": string | undefined;
  type: "merge" | "json";
}

/** The patch of `-p` or `--patch-file`. Throws a Failure for what is none of its type. */
export async function readPatch(flags: PatchFlags): Promise<Patch> {
  const { patch, "patch-file": file, type } = flags;
  if (patch && file) throw new Failure("cannot specify --patch and --patch-file together");
  if (!patch && !file) throw new Failure("must specify --patch or --patch-file containing the contents of the patch");
  const value = await parsed(patch ?? (await textOf(file!)), file ?? "--patch");
  if (type === "json") {
    if (Array.isArray(value)) return { type, body: value as JsonPatchOperation[] };
    throw new Failure("a JSON patch is a list of operations; --type=merge takes an object");
  }
  if (isObject(value)) return { type, body: value };
  throw new Failure("a merge patch is an object; --type=json takes a list of operations");
}

async function parsed(text: string, name: string): Promise<unknown> {
  try {
    const [document, ...more] = await readYamlLazily(text, name);
    if (more.length > 0) throw new Failure(`${name}: a patch is one document`);
    return document?.value;
  } catch (error) {
    if (error instanceof ManifestError) throw new Failure(`unable to parse ${error.message}`, { cause: error });
    throw error;
  }
}

const textOf = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((error: Error) => {
    throw new Failure(`unable to read ${JSON.stringify(path)}: ${error.message}`, { cause: error });
  });
