import { StartError } from "../runtime.ts";
import { runNumber } from "./run-number.ts";

/**
 * The owner of a process, written into its environment: so we can tell it from a stranger even after it left its parent, its session and its group.
 * `dataId` names the data directory, so two daemons on one machine never mistake each other's processes. Anybody can write these three variables:
 * what we read from a process is a claim, and counts only with the proof that goes with it.
 */
export interface Identity {
  uid: string;
  run: number;
  dataId: string;
  /** Made by `RunProofs`. Absent where membership of a job proves it (Windows). */
  proof?: string;
}

export const UID_VARIABLE = "WCTL_INSTANCE_UID";
export const RUN_VARIABLE = "WCTL_RUN";
export const DATA_ID_VARIABLE = "WCTL_DATA_ID";
export const PROOF_VARIABLE = "WCTL_RUN_PROOF";
const STATE_VARIABLE = "WCTL_STATE_DIR";

/** In characters; a UUID has 36. */
const LONGEST_UID = 100;

export interface EnvironmentParts {
  /** The documented base set of the platform; empty for `inheritEnvironment: None`. */
  base: Readonly<Record<string, string>>;
  declared: Readonly<Record<string, string>>;
  identity: Identity;
  /** The folder that the copy keeps over restarts, rollouts and scaling. */
  stateDir: string;
  /** Windows: `Path` and `PATH` are one variable, and the later one wins. */
  ignoreCase?: boolean;
}

/** `NAME=value` for each variable: declared wins over base, identity over both. Throws `StartError` InvalidArgument. */
export function buildEnvironment(parts: EnvironmentParts): string[] {
  const fold = (name: string): string => (parts.ignoreCase ? name.toUpperCase() : name);
  const entries = new Map<string, string>();
  const take = (name: string, value: string): void => {
    entries.set(fold(name), `${name}=${value}`);
  };
  for (const [name, value] of Object.entries(parts.base)) take(name, value);
  for (const [name, value] of Object.entries(parts.declared)) {
    refuseMalformed(name, value);
    take(name, value);
  }
  take(STATE_VARIABLE, parts.stateDir);
  take(UID_VARIABLE, parts.identity.uid);
  take(RUN_VARIABLE, String(parts.identity.run));
  take(DATA_ID_VARIABLE, parts.identity.dataId);
  if (parts.identity.proof !== undefined) take(PROOF_VARIABLE, parts.identity.proof);
  return [...entries.values()];
}

/** `env` (entries `NAME=value`) with more variables, which win over those of the same name. */
export function withVariables(
  env: readonly string[],
  more: Readonly<Record<string, string>>,
  { ignoreCase = false }: Pick<EnvironmentParts, "ignoreCase"> = {},
): string[] {
  const fold = (name: string): string => (ignoreCase ? name.toUpperCase() : name);
  const names = new Set(Object.keys(more).map(fold));
  const kept = env.filter((entry) => !names.has(fold(entry.slice(0, entry.indexOf("=")))));
  return [...kept, ...Object.entries(more).map(([name, value]) => `${name}=${value}`)];
}

/** The claim in an environment block of NUL-ended entries, such as `/proc/PID/environ` shows. */
export function identityIn(block: string): Identity | undefined {
  const uid = valueIn(block, UID_VARIABLE);
  const run = valueIn(block, RUN_VARIABLE);
  const dataId = valueIn(block, DATA_ID_VARIABLE);
  const proof = valueIn(block, PROOF_VARIABLE);
  const number = runNumber(run ?? "");
  if (!uid || uid.length > LONGEST_UID || number === undefined || dataId === undefined) return undefined;
  return { uid, run: number, dataId, ...(proof !== undefined && { proof }) };
}

function valueIn(block: string, name: string): string | undefined {
  const key = `${name}=`;
  const at = block.startsWith(key) ? 0 : block.indexOf(`\0${key}`) + 1;
  if (at === 0 && !block.startsWith(key)) return undefined;
  const end = block.indexOf("\0", at);
  return block.slice(at + key.length, end === -1 ? undefined : end);
}

function refuseMalformed(name: string, value: string): void {
  if (name === "" || name.includes("=") || name.includes("\0")) {
    throw new StartError(
      "InvalidArgument",
      `environment variable ${JSON.stringify(name)}: a name must not be empty or contain "=" or NUL`,
    );
  }
  if (value.includes("\0")) {
    throw new StartError("InvalidArgument", `environment variable ${name}: the value contains a NUL character`);
  }
}
