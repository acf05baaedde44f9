import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import type { LaunchSpec } from "../../runtime/runtime.ts";
import { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { eventually } from "../eventually.ts";
import type { FixtureName, RuntimeHarness } from "../runtime/body-under-test.ts";
import { isWine } from "./platform.ts";

/** What the system's own handler of Ctrl-C ends a program with: STATUS_CONTROL_C_EXIT; in Wine 0. */
export const CONTROL_C_EXIT = isWine ? 0 : 0xc000013a;

export function fixture(name: string, ...args: string[]): Pick<LaunchSpec, "command" | "args"> {
  if (name === "does-not-exist") return { command: "C:\\no\\such\\program.exe", args: [] };
  return { command: process.execPath, args: [fixturePath(name), ...args] };
}

/** Of `test/win32/fixtures`, else of those in `test/fixtures` that say nothing about Linux. */
export function fixturePath(name: string): string {
  const own = fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
  return existsSync(own) ? own : fileURLToPath(new URL(`../fixtures/${name}.mjs`, import.meta.url));
}

export interface Win32Harness extends RuntimeHarness {
  readonly dataDir: string;
  open(): Promise<Win32Runtime>;
  /** What a run has written until now. */
  output(uid: string, run?: number): string;
}

export function makeWin32Harness(dataDir = mkdtempSync(join(tmpdir(), "wctl-runtime-"))): Win32Harness {
  const output = (uid: string, run?: number): string => {
    const logs = join(dataDir, "homes", uid, "0", "logs");
    const runs = readdirSync(logs).filter((file) => file.endsWith(".out"));
    return readFileSync(join(logs, run === undefined ? runs.sort().at(-1)! : `${run}.out`), "utf8");
  };
  const hasPrinted = (pattern: RegExp, what: string) => (uid: string) =>
    eventually(() => pattern.test(output(uid)), what);
  const whenSettled: Partial<Record<FixtureName, (uid: string) => Promise<unknown>>> = {
    "ignores-stop": hasPrinted(/^ignoring\n$/, "the program ignores signals"),
    "spawns-grandchild": hasPrinted(/^\d+\n$/, "the grandchild is there"),
    "leaves-grandchild": hasPrinted(/^\d+\n$/, "the grandchild is there"),
  };
  return {
    dataDir,
    output,
    open: () => Win32Runtime.open({ dataDir, clock: systemClock, logger: silentLogger }),
    fixture,
    settled: async (name, uid) => void (await whenSettled[name]?.(uid)),
    dispose: async () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }),
    endOf: (signal) => ({ code: { SIGTERM: CONTROL_C_EXIT, SIGKILL: 137, SIGABRT: 0xc0000005 }[signal] }),
  };
}
