import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";

/** Kubernetes' environment variable names (apimachinery `IsEnvVarName`). */
const NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/**
 * `NAME=VALUE` lines, as kubectl reads them: blanks before NAME are skipped, also empty lines and those that begin with `#`; the value is what follows the
 * `=`, as it stands, quotes too. A NAME without `=` takes its value from the environment, or is empty.
 */
export function envFileValues(bytes: Buffer, file: string, env: Context["env"]): [name: string, value: string][] {
  const values: [string, string][] = [];
  for (const [index, line] of linesOf(bytes, file).entries()) {
    const text = line.replace(/^\s+/, "");
    if (text === "" || text.startsWith("#")) continue;
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    // The line may be a value that was broken, so it is not shown.
    if (!NAME.test(name))
      throw new Failure(
        `${file}:${index + 1}: what stands before "=" is not a valid key name: a variable is made of letters, digits, '_', '-' and '.', and does not begin with a digit`,
      );
    values.push([name, equals < 0 ? (env[name] ?? "") : text.slice(equals + 1)]);
  }
  return values;
}

function linesOf(bytes: Buffer, file: string): string[] {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).split(/\r?\n/);
  } catch (error) {
    throw new Failure(`env file ${file} contains invalid utf8 bytes`, { cause: error });
  }
}
