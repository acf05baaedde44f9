import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import type { DaemonOptions } from "../config/options.ts";

/** This very program, as words of a command line. */
export function ownProgram(): [program: string, ...script: string[]] {
  if (isSea()) return [process.execPath];
  return [process.execPath, fileURLToPath(new URL("../../wctl/main.ts", import.meta.url))];
}

/** Options as the flags that give them again: what a service is installed with. */
export function daemonFlags({
  dataDir,
  listen,
  manifests,
  config,
  logLevel,
  runtime,
  onStop,
}: DaemonOptions): string[] {
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  const flags = { "data-dir": dataDir, listen: `${host}:${listen.port}`, manifests, config, runtime };
  const given = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]));
  return [...given, "--log-level", logLevel, "--on-stop", onStop];
}
