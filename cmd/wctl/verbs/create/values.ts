import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../../command/command.ts";
import type { Flags, Option } from "../../command/option.ts";
import { Failure } from "../../errors/failure.ts";
import { envFileValues } from "./env-file.ts";
import { readProblem, readValueFile } from "./value-file.ts";

export const valueOptions = [
  {
    name: "from-file",
    type: "list",
    placeholder: "[KEY=]FILE",
    description:
      "A file as a value; its key is KEY, else the name of the file. Of a folder each file. May be given several times.",
  },
  {
    name: "from-literal",
    type: "list",
    whole: true,
    placeholder: "KEY=VALUE",
    description: "A word as a value. May be given several times.",
  },
  {
    name: "from-env-file",
    type: "list",
    placeholder: "FILE",
    description: "Lines NAME=VALUE; a NAME alone takes the value from the environment. Not together with the others.",
  },
] as const satisfies readonly Option[];

/** What the three flags say, each key once, in kubectl's rules (kubectl `pkg/cmd/create`, `pkg/cmd/util/env_file.go`). */
export async function readValues(
  flags: Flags<typeof valueOptions>,
  env: Context["env"],
): Promise<ReadonlyMap<string, Buffer>> {
  const { "from-file": files, "from-literal": literals, "from-env-file": envFiles } = flags;
  if (envFiles.length > 0 && files.length + literals.length > 0)
    throw new Failure("from-env-file cannot be combined with from-file or from-literal");
  const values = new Map<string, Buffer>();
  const add = (key: string, bytes: Buffer): void => {
    if (values.has(key))
      throw new Failure(`cannot add key ${JSON.stringify(key)}, another key by that name already exists`);
    values.set(key, bytes);
  };
  for (const source of files) for (const [key, path] of await filesOf(source)) add(key, await readValueFile(path));
  for (const literal of literals) add(...literalOf(literal));
  for (const file of envFiles)
    for (const [key, value] of envFileValues(await readValueFile(file), file, env)) add(key, Buffer.from(value));
  return values;
}

function literalOf(source: string): [string, Buffer] {
  const equals = source.indexOf("=");
  if (equals <= 0) throw new Failure(`invalid literal source ${source}, expected key=value`);
  return [source.slice(0, equals), Buffer.from(source.slice(equals + 1))];
}

/** `KEY=FILE`, `FILE`, or a folder: its files, not those in folders of it. */
async function filesOf(source: string): Promise<[key: string, path: string][]> {
  const [first = "", second, ...more] = source.split("=");
  if (more.length > 0) throw new Failure("key names or file paths cannot contain '='");
  if (second !== undefined && first === "") throw new Failure(`key name for file path ${second} missing`);
  if (second === "") throw new Failure(`file path for key name ${first} missing`);
  const path = second ?? first;
  const found = await stat(path).catch((error: NodeJS.ErrnoException): Stats => {
    throw readProblem(path, error);
  });
  if (!found.isDirectory()) return [[second === undefined ? lastPart(path) : first, path]];
  if (second !== undefined) throw new Failure("cannot give a key name for a directory path");
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return names.sort().map((name) => [name, join(path, name)]);
}

const lastPart = (path: string): string => path.split(/[/\\]/).at(-1)!;
