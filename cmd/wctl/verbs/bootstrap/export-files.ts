import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../../errors/failure.ts";

/** Writes files below a folder, and says what became of each. Nothing that is there is overwritten: rejects with Failure. */
export async function exportFiles(dir: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const said: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true });
    const isNew = await writeFile(file, text, { flag: "wx" }).then(() => true, unlessThere);
    if (!isNew && (await readFile(file, "utf8")) !== text)
      throw new Failure(`${file} is there already, and says something else: it is left as it is`);
    said.push(`${file} ${isNew ? "written" : "unchanged"}`);
  }
  return said;
}

function unlessThere(error: NodeJS.ErrnoException): boolean {
  if (error.code === "EEXIST") return false;
  throw new Failure(error.message, { cause: error });
}
