import { execFileSync } from "node:child_process";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { isSea } from "node:sea";
import { wctlVersion } from "../../lib/version.ts";
import { UsageError } from "./options.ts";

const VERSION_TIMEOUT_MS = 30_000;

export interface Replacement {
  /** Path of the program to be replaced. */
  installed: string;
  allowDowngrade: boolean;
  /** Ends what runs from it. */
  stop: () => Promise<void>;
  /** Rejects when it does not come up. */
  start: () => Promise<void>;
}

/**
 * Puts this program in the place of the installed one. The new program lies beside the old one before anything is stopped; then two
 * renames exchange them. Whatever fails, the old program is back in its place and was started again (S35).
 */
export async function replaceProgram({ installed, allowDowngrade, stop, start }: Replacement): Promise<{
  from: string;
  to: string;
}> {
  if (!isSea()) throw new UsageError("only wctl.exe can take the place of another wctl.exe");
  if (installed.toLowerCase() === process.execPath.toLowerCase()) {
    throw new UsageError(`${installed} is this very program; run upgrade from the new one, in another folder`);
  }
  const from = versionOf(installed);
  if (!allowDowngrade && isOlder(wctlVersion, from)) {
    throw new UsageError(
      `the installed version ${from} is newer than this one, ${wctlVersion}; --allow-downgrade insists`,
    );
  }
  const [fresh, old] = [`${installed}.new`, `${installed}.old`];
  rmSync(old, { force: true });
  copyFileSync(process.execPath, fresh);
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
    await stop().catch(() => {});
    rmSync(installed, { force: true });
    renameSync(old, installed);
    await start();
    throw new Error(`${messageOf(error)}; the old program is back in its place`, { cause: error });
  }
  rmSync(old, { force: true });
  return { from, to: wctlVersion };
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
