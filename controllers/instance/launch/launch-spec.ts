import { keyOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { parseQuantity } from "../../../lib/quantity.ts";
import type { LaunchSpec, Limits, RunAs, StopSignal } from "../../../runtime/runtime.ts";
import { copyOf } from "./copy-of.ts";
import type { Values } from "./references.ts";

/** What the daemon's configuration sets for every start. */
export interface LaunchDefaults {
  stopSignal: StopSignal;
  /** The account of Instances that name none. */
  runAs?: string | undefined;
  allowPrivileged?: boolean | undefined;
  /** The limits of Instances that set none. */
  limits?: DeclaredLimits | undefined;
}

type DeclaredLimits = NonNullable<Instance["spec"]["resources"]>["limits"];

/** A program that forks without end brings down itself, and not the machine. */
const MOST_PROCESSES = 4096;

/** The Instance as the runtime needs it, with its references resolved, defaults set and quantities parsed. Pure. */
export function launchSpec(
  instance: Stored<Instance>,
  run: number,
  { env, args, files, password }: Values,
  defaults: LaunchDefaults,
): LaunchSpec {
  const { spec } = instance;
  const launch: LaunchSpec = {
    uid: instance.metadata.uid,
    copy: copyOf(instance),
    run,
    revision: spec.revision,
    label: keyOf(instance),
    command: spec.command,
    args,
    env,
    inheritEnvironment: spec.inheritEnvironment ?? "System",
    ...limitsOf(spec.resources?.limits, { processes: MOST_PROCESSES, ...defaults.limits }),
    stopSignal: (spec.stop?.signal as StopSignal | undefined) ?? defaults.stopSignal,
    logs: {
      maxSize: parseQuantity(spec.logs?.maxSize ?? "10Mi"),
      maxFiles: spec.logs?.maxFiles ?? 5,
      ...(spec.logs?.maxTotalSize !== undefined && { maxTotalSize: parseQuantity(spec.logs.maxTotalSize) }),
      ...(spec.logs?.maxAgeSeconds !== undefined && { maxAgeSeconds: spec.logs.maxAgeSeconds }),
      stderr: spec.logs?.stderr ?? "Merge",
      ...(spec.logs?.encoding && { encoding: spec.logs.encoding }),
    },
  };
  if (spec.restartPolicy === "Never" || spec.restartPolicy === "OnFailure") launch.once = true;
  if (spec.envFile?.length) launch.envFiles = spec.envFile;
  if (files) launch.files = files;
  if (spec.workingDir !== undefined) launch.workingDir = spec.workingDir;
  if (spec.resources?.priorityClass) launch.priorityClass = spec.resources.priorityClass;
  if (spec.resources?.affinity) launch.affinity = processors(spec.resources.affinity);
  const runAs = runAsOf(spec.runAs, password, defaults.runAs);
  if (runAs) launch.runAs = runAs;
  if (defaults.allowPrivileged) launch.allowPrivileged = true;
  return launch;
}

function runAsOf(
  wanted: Instance["spec"]["runAs"],
  password: string | undefined,
  account: string | undefined,
): RunAs | undefined {
  if (!wanted) return account === undefined ? undefined : { account };
  const { passwordSecretRef: _, session, ...rest } = wanted;
  if (session !== undefined) return { ...rest, session: session === "Console" ? session : Number(session) };
  return {
    ...(account !== undefined && { account }),
    ...rest,
    ...(password !== undefined && { password }),
  };
}

function limitsOf(
  declared: DeclaredLimits,
  defaults: DeclaredLimits,
): { limits: Limits; defaultLimits: (keyof Limits)[] } {
  const limits = parsed({ ...defaults, ...declared });
  const defaultLimits = (["cpu", "memory", "processes"] as const).filter(
    (name) => limits[name] !== undefined && declared?.[name] === undefined,
  );
  return { limits, defaultLimits };
}

function parsed(limits: DeclaredLimits): Limits {
  const parsed: Limits = {};
  if (limits?.cpu !== undefined) parsed.cpu = parseQuantity(limits.cpu);
  if (limits?.memory !== undefined) parsed.memory = parseQuantity(limits.memory);
  if (limits?.processes !== undefined) parsed.processes = limits.processes;
  return parsed;
}

/** `0-3,6` is [0, 1, 2, 3, 6]. Admission has bounded the numbers. */
export function processors(list: string): number[] {
  return list.split(",").flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, n) => from + n);
  });
}
