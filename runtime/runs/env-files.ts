import { type EnvFile, StartError } from "../runtime.ts";
import { parseEnvFile } from "./env-file-text.ts";

const LONGEST = 1024 * 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The variables of the files that a copy names; a later file wins. `read`: reads at most `most` bytes with no more rights than the account of the
 * program has; undefined when nothing is there. Throws StartError, which names the file and nothing of what is in it.
 */
export function fileVariables(
  files: readonly EnvFile[] = [],
  read: (path: string, most: number) => Buffer | undefined,
): Record<string, string> {
  const all = new Map<string, string>();
  for (const [index, { path, optional }] of files.entries()) {
    const refuse = (reason: "AccessDenied" | "InvalidArgument", why: string): never => {
      throw new StartError(reason, `envFile[${index}] (${path}) ${why}`);
    };
    let content: Buffer | undefined;
    try {
      content = read(path, LONGEST + 1);
    } catch (error) {
      refuse("AccessDenied", `can't be read: ${(error as Error).message}`);
    }
    if (!content) {
      if (!optional) refuse("InvalidArgument", "does not exist");
      continue;
    }
    if (content.length > LONGEST) refuse("InvalidArgument", `is longer than ${LONGEST} bytes`);
    for (const [name, value] of parseEnvFile(textOf(content) ?? refuse("InvalidArgument", "is not UTF-8 text")))
      all.set(name, value);
  }
  return Object.fromEntries(all);
}

function textOf(content: Buffer): string | undefined {
  try {
    const text = utf8.decode(content);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
