import { isAbsolute, resolve } from "node:path";
import { parseArgs } from "node:util";
import { didYouMean } from "../../../lib/near-miss.ts";

/** The flags of `wctl daemon`, as in `docs/cli.md`. */
export interface DaemonOptions {
  dataDir: string;
  listen: { host: string; port: number };
  manifests?: string;
  runtime: "auto" | "win32" | "posix" | "memory";
  onStop: "stop" | "keep";
  config?: string;
  logLevel: "debug" | "info" | "warn" | "error";
  /** Hosted by Windows' service control manager, if that has started the process. */
  service: boolean;
  help: boolean;
}

/** A wrong flag or config field: the daemon says which, and exits 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const usage = `Run the daemon in the foreground.

Usage:
  wctl daemon [flags]

Examples:
  # Run with a folder of manifests as the desired state
  wctl daemon --manifests ./manifests

  # Run a trial beside another daemon
  wctl daemon --data-dir ./trial --listen 127.0.0.1:0

Flags:
  --data-dir DIR            where state, logs, keys and admin.kubeconfig live
                            (default %ProgramData%\\wctl, /var/lib/wctl for root, else ~/.local/share/wctl)
  --listen HOST:PORT        address of the API (default 127.0.0.1:7443; port 0 picks a free one)
  --manifests DIR           a watched folder: what is added or changed there is applied,
                            what is removed is pruned
  --runtime NAME            auto, win32, posix or memory (default auto)
  --on-stop stop|keep       what happens to workloads when the daemon is stopped (default stop)
  --config FILE             YAML; read again when it changes
  --log-level LEVEL         debug, info, warn or error (default info)
  --service                 as a Windows service: set by wctl service install
  -h, --help                show this
`;

/** Throws UsageError. `defaultDataDir` is the platform's. */
export function parseOptions(argv: readonly string[], defaultDataDir: string): DaemonOptions {
  const values = parse(argv);
  const options: DaemonOptions = {
    dataDir: resolve(values["data-dir"] ?? defaultDataDir),
    listen: listenAddress(values.listen ?? "127.0.0.1:7443"),
    runtime: oneOf("--runtime", values.runtime ?? "auto", ["auto", "win32", "posix", "memory"]),
    onStop: oneOf("--on-stop", values["on-stop"] ?? "stop", ["stop", "keep"]),
    logLevel: oneOf("--log-level", values["log-level"] ?? "info", ["debug", "info", "warn", "error"]),
    service: values.service === true,
    help: values.help === true,
  };
  if (!isAbsolute(options.dataDir)) throw new UsageError(`--data-dir: "${options.dataDir}" is not a path`);
  if (values.manifests !== undefined) options.manifests = resolve(nonEmpty("--manifests", values.manifests));
  if (values.config !== undefined) options.config = resolve(nonEmpty("--config", values.config));
  return options;
}

/** Of a command line that need not be right, as `parseOptions` would take it. */
export function dataDirIn(argv: readonly string[], defaultDataDir: string): string {
  const { tokens } = parseArgs({ args: [...argv], strict: false, tokens: true, options: flags });
  const named = tokens.filter((token) => token.kind === "option" && token.name === "data-dir" && token.value);
  return resolve((named.at(-1) as { value: string } | undefined)?.value ?? defaultDataDir);
}

const flags = {
  "data-dir": { type: "string" },
  listen: { type: "string" },
  manifests: { type: "string" },
  runtime: { type: "string" },
  "on-stop": { type: "string" },
  config: { type: "string" },
  "log-level": { type: "string" },
  service: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: false, strict: true, options: flags }).values;
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error);
    const [, unknown = ""] = /^Unknown option '--([^']+)'/.exec(problem) ?? [];
    const hint = didYouMean(unknown, Object.keys(flags), "--");
    throw new UsageError(`${problem}${hint}; see: wctl daemon --help`);
  }
}

function oneOf<const T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) {
    throw new UsageError(`${flag}: "${value}" is not one of ${allowed.join(", ")}${didYouMean(value, allowed)}`);
  }
  return found;
}

function nonEmpty(flag: string, value: string): string {
  if (value === "") throw new UsageError(`${flag}: a path is needed`);
  return value;
}

/** `127.0.0.1:7443`, `[::1]:7443`, `:7443` (all of this machine's loopback: 127.0.0.1). */
function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    throw new UsageError(`--listen: "${text}" is not HOST:PORT, as in 127.0.0.1:7443 or [::1]:7443`);
  }
  return { host: match[1] ?? (match[2] || "127.0.0.1"), port };
}
