/** Finding, reading and merging kubeconfigs by kubectl's rules (client-go `tools/clientcmd`). `resolve.ts` reads what the current context names. */

import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { type PathTrust, pathTrust, posixJudge } from "../../lib/path-trust.ts";
import { parseJson } from "../json/parse-json.ts";
import { MAX_BODY_BYTES } from "../limits.ts";
import { ManifestError } from "../manifest-error.ts";
import { readYamlLazily } from "../yaml/read-yaml-lazily.ts";
import { decodeText } from "../yaml/yaml-text.ts";
import { type Kubeconfig, KubeconfigError } from "./format.ts";

export { type Kubeconfig, KubeconfigError, NoServerKnown } from "./format.ts";
export { type KubeconfigOverrides, type ResolvedKubeconfig, resolveKubeconfig } from "./resolve.ts";

export interface LoadedKubeconfig {
  /** All files merged; paths in it are absolute. */
  config: Kubeconfig;
  /** The files that were found, first the one that wins; as they are written. */
  files: { path: string; config: Kubeconfig }[];
  /** Who said that it is used: `--kubeconfig`, KUBECONFIG, `--context` for the user's own, or nobody: then it is the local daemon's. */
  from: "flag" | "environment" | "home" | "daemon";
  /** Sentences for standard error: a file with keys that others may read. */
  warnings: string[];
}

export interface KubeconfigSources {
  /** `--kubeconfig`: this file and no other. */
  path?: string;
  /** `--context`: only one that the local daemon's file does not have makes `~/.kube/config` be read. */
  context?: string;
  env?: NodeJS.ProcessEnv;
  home?: string;
  /** Where a local daemon may have left its `admin.kubeconfig`. */
  local?: readonly string[];
  /** Who could have written the local daemon's file. Absent: by owner and mode, where a system has them; elsewhere nobody is trusted. */
  trust?: () => Promise<PathTrust>;
}

/**
 * `--kubeconfig`, else the files of `KUBECONFIG`, else `admin.kubeconfig` of the local daemon. `~/.kube/config` is used only for a context of it that
 * `--context` names, so that nobody changes a cluster by habit. Of files that say the same thing, the first wins. Rejects with KubeconfigError. A YAML parser is loaded only for files that need one.
 * A file that nobody named is used only when no other user could have written it: that user could send everything, Secrets included, to a server of their own.
 */
export async function loadKubeconfig({
  path,
  context,
  env = process.env,
  home = homedir(),
  local = dataDirs(env, home),
  trust = byOwnerAndMode,
}: KubeconfigSources = {}): Promise<LoadedKubeconfig> {
  if (path) return { ...(await load([path], true)), from: "flag" };
  const listed = (env.KUBECONFIG ?? "").split(delimiter).filter((one) => one !== "");
  if (listed.length > 0) {
    const loaded = await load([...new Set(listed)], false);
    if (loaded.files.length === 0)
      throw new KubeconfigError(`KUBECONFIG names no file that exists: ${listed.join(", ")}`);
    return { ...loaded, from: "environment" };
  }
  const daemon = await loadLocal(local, trust);
  if (context === undefined || hasContext(daemon.config, context)) return { ...daemon, from: "daemon" };
  const usual = await load([join(home, ".kube", "config")], false);
  return hasContext(usual.config, context) ? { ...usual, from: "home" } : { ...daemon, from: "daemon" };
}

const hasContext = ({ contexts = [] }: Kubeconfig, name: string): boolean => contexts.some((one) => one.name === name);

async function loadLocal(local: readonly string[], trust: () => Promise<PathTrust>): Promise<Read> {
  for (const directory of local) {
    const path = join(directory, "admin.kubeconfig");
    if (isMissing(path)) continue;
    const why = (await trust()).ofPath(path); // This comes before the read, so that only trusted users can have written what is read.
    const loaded = await load([path], false);
    if (loaded.files.length === 0) continue;
    if (why === undefined) return loaded;
    throw new KubeconfigError(
      `${path} is not used, because another user could have written it: ${why}. If it is the right one, name it: --kubeconfig ${path}`,
    );
  }
  return load([], false);
}

type Read = Omit<LoadedKubeconfig, "from">;

/** A file that may not be read is not a missing file. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

const byOwnerAndMode = async (): Promise<PathTrust> => {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  if (uid !== undefined && gid !== undefined) return pathTrust(posixJudge({ uid, gid }));
  return pathTrust((path) => `${path}: its owner can't be told`);
};

/** Where a local daemon keeps its data by default: this user's, then the machine's. */
export function dataDirs(env: NodeJS.ProcessEnv, home: string): string[] {
  if (process.getuid === undefined) return [join(env.ProgramData ?? "C:\\ProgramData", "wctl")];
  return process.getuid() === 0 ? ["/var/lib/wctl"] : [join(home, ".local", "share", "wctl"), "/var/lib/wctl"];
}

/** Missing files are skipped unless `required`. */
async function load(paths: readonly string[], required: boolean): Promise<Read> {
  const files: LoadedKubeconfig["files"] = [];
  const warnings: string[] = [];
  for (const path of paths) {
    const text = readIfThere(path, required);
    if (text === undefined) continue;
    files.push({ path, config: checkShape(await parse(text, path), path) });
    if (isOpenToOthers(path) && /(?:-key-data|token|password)"?:/.test(text)) {
      warnings.push(
        `WARNING: the kubeconfig ${path} holds a credential and can be read by others; run: chmod 600 ${path}`,
      );
    }
  }
  return { config: merge(files), files, warnings };
}

function readIfThere(path: string, required: boolean): string | undefined {
  try {
    const { size } = statSync(path);
    if (size > MAX_BODY_BYTES) throw new KubeconfigError(`${path} is too large for a kubeconfig: ${size} bytes`);
    return decodeText(readFileSync(path), path).replace(/^\ufeff/, "");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof KubeconfigError) throw error;
    if (error instanceof ManifestError) throw new KubeconfigError(`error loading config file "${path}": ${message}`);
    if (code === "ENOENT" && !required) return undefined;
    if (code === "ENOENT") throw new KubeconfigError(`stat ${path}: no such file or directory`);
    throw new KubeconfigError(
      `the kubeconfig ${path} cannot be read: ${code === "EACCES" ? "permission denied" : message}`,
    );
  }
}

/** Rights are bits on POSIX only; on Windows the file's ACL is its directory's. */
const isOpenToOthers = (path: string): boolean => process.getuid !== undefined && (statSync(path).mode & 0o077) !== 0;

async function parse(text: string, path: string): Promise<unknown> {
  try {
    if (text.startsWith("{")) return parseJson(text);
    return (await readYamlLazily(text, path))[0]?.value ?? {};
  } catch (error) {
    throw new KubeconfigError(`error loading config file "${path}": ${(error as Error).message}`, { cause: error });
  }
}

const lists = { clusters: "cluster", contexts: "context", users: "user" } as const;

/** Refuses what is not a kubeconfig; `null` lists, which kubectl writes for empty ones, are taken as absent. */
function checkShape(value: unknown, path: string): Kubeconfig {
  const refuse = (what: string): never => {
    throw new KubeconfigError(`error loading config file "${path}": ${what}`);
  };
  if (!isObject(value)) return refuse("it is not a map");
  if (value.kind !== undefined && value.kind !== "Config") refuse("kind must be Config");
  const config: Kubeconfig = { ...value };
  if (config["current-context"] !== undefined && typeof config["current-context"] !== "string") {
    refuse("current-context must be a string");
  }
  for (const [list, member] of Object.entries(lists)) {
    const entries = value[list];
    if (entries === undefined || entries === null) {
      delete config[list];
      continue;
    }
    if (!Array.isArray(entries)) refuse(`${list} must be a list`);
    for (const [index, entry] of (entries as unknown[]).entries()) {
      if (!isObject(entry) || typeof entry.name !== "string") refuse(`${list}[${index}] must be a map with a name`);
      const content = (entry as JsonObject)[member];
      if (content !== undefined && content !== null && !isObject(content))
        refuse(`${list}[${index}].${member} must be a map`);
    }
  }
  return config;
}

function merge(files: LoadedKubeconfig["files"]): Kubeconfig {
  const merged: Kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [],
    contexts: [],
    users: [],
    "current-context": "",
  };
  for (const { path, config } of files) {
    merged["current-context"] ||= config["current-context"] ?? "";
    for (const [list, member] of Object.entries(lists) as [keyof typeof lists, string][]) {
      const into = merged[list] as { name: string }[];
      for (const entry of config[list] ?? []) {
        if (!into.some((one) => one.name === entry.name)) into.push(withAbsolutePaths(entry, member, path));
      }
    }
  }
  return merged;
}

const fileFields = ["certificate-authority", "client-certificate", "client-key", "tokenFile", "token-file"];

/** Paths in a kubeconfig are relative to its directory. */
function withAbsolutePaths(entry: JsonObject & { name: string }, member: string, path: string): { name: string } {
  const content = entry[member];
  if (!isObject(content)) return entry;
  const resolved: JsonObject = { ...content };
  for (const field of fileFields) {
    const file = content[field];
    if (typeof file === "string" && file !== "" && !isAbsolute(file)) resolved[field] = resolve(dirname(path), file);
  }
  return { ...entry, [member]: resolved };
}
