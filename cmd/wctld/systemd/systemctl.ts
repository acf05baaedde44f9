import { execFile } from "node:child_process";
import { existsSync } from "node:fs";

export interface CallOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** sd_booted(3). */
export const isBooted = (): boolean => existsSync("/run/systemd/system");

/** Resolves with what it printed; rejects with what it said. */
export const systemctl = (args: readonly string[], options: CallOptions = {}): Promise<string> =>
  run("systemctl", args, options);

/** What the daemon said last to standard error, if the journal tells it. */
export async function lastWords(unit: string): Promise<string | undefined> {
  const said = await run("journalctl", ["-u", unit, "-n", "20", "-o", "cat", "--no-pager"], {}).catch(() => "");
  return said
    .split("\n")
    .findLast((line) => line.startsWith("error: "))
    ?.slice("error: ".length);
}

/** The properties of a unit, by name. */
export async function show<const Name extends string>(
  unit: string,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const text = await systemctl(["show", unit, ...names.map((name) => `--property=${name}`)]);
  const lines = text.split("\n").map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]);
  return { ...Object.fromEntries(names.map((name) => [name, ""])), ...Object.fromEntries(lines) };
}

function run(program: string, args: readonly string[], { timeoutMs = 0, signal }: CallOptions): Promise<string> {
  const options = {
    encoding: "utf8",
    timeout: timeoutMs,
    env: { ...process.env, LC_ALL: "C" },
    ...(signal && { signal }),
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const words = stderr.trim() || error.message;
      reject(new Error(error.killed ? `${program} ${args.join(" ")} took too long` : words, { cause: error }));
    });
  });
}
