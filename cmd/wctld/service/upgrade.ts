import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { UsageError } from "../config/options.ts";

const VERSION_TIMEOUT_MS = 30_000;

export interface Replacement {
  /** The new program. */
  program: string;
  version: string;
  /** Path of the program to be replaced. */
  installed: string;
  allowDowngrade: boolean;
  /** Ends what runs from it. */
  stop: () => Promise<void>;
  /** Rejects when it does not come up. */
  start: () => Promise<void>;
}

/**
 * Puts a new program in the place of the installed one. It lies beside the old one before anything is stopped; then two renames
 * exchange them. Whatever fails, the old program is back in its place and was started again (S35). An upgrade that was cut off
 * between the renames is undone by the next one.
 */
export async function replaceProgram(replacement: Replacement): Promise<{ from: string; to: string }> {
  const { program, version, installed, allowDowngrade, stop, start } = replacement;
  if (installed.toLowerCase() === program.toLowerCase()) {
    throw new UsageError(`${installed} is this very program; run upgrade from the new one, in another folder`);
  }
  const [fresh, old] = [`${installed}.new`, `${installed}.old`];
  if (!existsSync(installed) && existsSync(old)) renameSync(old, installed);
  const from = versionOf(installed);
  if (!allowDowngrade && isOlder(version, from)) {
    throw new UsageError(`the installed version ${from} is newer than this one, ${version}; --allow-downgrade insists`);
  }
  rmSync(old, { force: true });
  copyFileSync(program, fresh);
  try {
    await stop();
    renameSync(installed, old);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  try {
    renameSync(fresh, installed);
    await start();
  } catch (error) {
    throw await undone(replacement, error);
  }
  rmSync(old, { force: true });
  return { from, to: version };
}

/** What to tell after the old program is back. */
async function undone({ installed, stop, start }: Replacement, cause: unknown): Promise<Error> {
  await stop().catch(() => {}); // It may not run at all.
  rmSync(installed, { force: true });
  renameSync(`${installed}.old`, installed);
  const again = await start().then(
    () => "and runs again",
    (error: unknown) => `but does not start either: ${messageOf(error)}`,
  );
  return new Error(`${messageOf(cause)}; the old program is back in its place ${again}`, { cause });
}

function versionOf(program: string): string {
  const text = execFileSync(program, ["version", "--client", "-o", "json"], {
    encoding: "utf8",
    timeout: VERSION_TIMEOUT_MS,
    windowsHide: true,
  });
  const { clientVersion } = JSON.parse(text) as { clientVersion: { gitVersion: string } };
  return clientVersion.gitVersion.replace(/^v/, "");
}

/** Of semantic versions; what follows a hyphen does not count. */
function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split("-")[0]!.split(".").map(Number)) as [number[], number[]];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at]! < (b[at] ?? 0);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
