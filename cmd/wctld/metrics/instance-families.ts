import { constants } from "node:os";
import type { Stored } from "../../../api/object.ts";
import type { Instance, InstanceState } from "../../../api/types.generated.ts";
import type { ProbeKind } from "../../../runtime/probes/prober.ts";
import type { Usage } from "../../../runtime/runtime.ts";
import { and, counter, type Family, gauge, type Labels, labels, type Sample } from "./exposition.ts";
import type { ProbeCount } from "./probe-counts.ts";

export interface Observed {
  instances: readonly Stored<Instance>[];
  /** By uid; of those that live. */
  usage: ReadonlyMap<string, Usage>;
  probes: { get(uid: string): ReadonlyMap<ProbeKind, Readonly<ProbeCount>> | undefined };
  now: Date;
}

type Subject = Stored<Instance>;

/**
 * What is known of each Instance, from its status, the last look at its processes, and its probes. Labels are names that people gave, and words of
 * which there are few: an Instance that is replaced goes on with the same series.
 */
export function* instanceFamilies({ instances, usage, probes, now }: Observed): Generator<Family> {
  const labelled = instances.map((instance) => ({ instance, own: labelsOf(instance) }));
  const each = (value: (instance: Subject) => number | undefined): Sample[] =>
    labelled.flatMap(({ instance, own }) => sampleOf(own, value(instance)));
  const worded = (label: string, word: (instance: Subject) => string | undefined): Sample[] =>
    labelled.flatMap(({ instance, own }) => {
      const value = word(instance);
      return value === undefined ? [] : [{ labels: and(own, label, value), value: 1 }];
    });
  const used = (value: (usage: Usage) => number): Sample[] =>
    each(({ metadata }) => {
      const one = usage.get(metadata.uid);
      return one && value(one);
    });
  const probed = (samples: (own: Labels, count: Readonly<ProbeCount>) => Sample[]): Sample[] =>
    labelled.flatMap(({ instance, own }) =>
      [...(probes.get(instance.metadata.uid) ?? [])].flatMap(([probe, count]) =>
        samples(and(own, "probe", probe), count),
      ),
    );

  yield gauge(
    "wctl_instance_up",
    "1 while the program runs.",
    each(({ status }) => Number(isRunning(status?.state))),
  );
  yield gauge(
    "wctl_instance_ready",
    "1 while it is ready.",
    each(({ status }) => Number(status?.ready === true)),
  );
  yield gauge(
    "wctl_instance_phase",
    "1 for the phase that it is in.",
    worded("phase", ({ status }) => status?.phase),
  );
  yield gauge(
    "wctl_instance_waiting_reason",
    "1 for the reason why it does not run: CrashLoopBackOff, CommandNotFound.",
    worded("reason", ({ status }) => status?.state?.waiting?.reason),
  );
  yield counter(
    "wctl_instance_restarts_total",
    "Restarts after a run that ended of itself or because of a probe.",
    each(({ status }) => status?.restartCount ?? 0),
  );
  yield gauge(
    "wctl_instance_start_time_seconds",
    "When the present run began, in seconds since 1970.",
    each(({ status }) => secondsOf(status?.state?.running?.startedAt)),
  );
  yield gauge(
    "wctl_instance_last_exit_code",
    "Exit code of the last run that ended; 128 and the number of the signal that ended it.",
    each((instance) => exitCodeOf(lastEnd(instance))),
  );
  yield gauge(
    "wctl_instance_last_terminated_reason",
    "1 for how the last run ended: Completed, Error, OOMKilled, LivenessFailed.",
    worded("reason", (instance) => lastEnd(instance)?.reason),
  );
  yield gauge(
    "wctl_instance_backoff_failures",
    "Restarts and failed starts since the last healthy run.",
    each(({ status }) => status?.backoff?.failures ?? 0),
  );
  yield gauge(
    "wctl_instance_backoff_seconds",
    "Seconds until it is started again; 0 while it does not wait.",
    each(({ status }) => Math.max(0, (secondsOf(status?.state?.waiting?.retryAt) ?? 0) - now.getTime() / 1000)),
  );
  yield counter(
    "wctl_instance_cpu_seconds_total",
    "Processor seconds of the tree in the present run.",
    used(({ cpuSeconds }) => cpuSeconds),
  );
  yield gauge(
    "wctl_instance_memory_bytes",
    "Resident bytes of the tree.",
    used(({ memoryBytes }) => memoryBytes),
  );
  yield gauge(
    "wctl_instance_processes",
    "Processes of the tree.",
    used(({ processes }) => processes),
  );
  yield gauge(
    "wctl_instance_open_handles",
    "File descriptors or handles of the tree.",
    used(({ handles }) => handles),
  );
  yield gauge("wctl_instance_cpu_limit", "Processors that the running tree may use.", each(limit("cpu")));
  yield gauge("wctl_instance_memory_limit_bytes", "Bytes that the running tree may use.", each(limit("memory")));
  yield gauge("wctl_instance_process_limit", "Processes that the running tree may have.", each(limit("processes")));
  yield counter(
    "wctl_instance_probe_results_total",
    "Answers of probes; error: it could not ask.",
    probed((own, count) =>
      (["success", "failure", "error"] as const).map((result) => ({
        labels: and(own, "result", result),
        value: count[result],
      })),
    ),
  );
  yield {
    name: "wctl_instance_probe_duration_seconds",
    type: "summary",
    help: "Time that probes took to answer.",
    samples: probed((own, { success, failure, error, seconds }) => [
      { suffix: "_sum", labels: own, value: seconds },
      { suffix: "_count", labels: own, value: success + failure + error },
    ]),
  };
}

const labelsOf = ({ metadata, spec }: Subject): Labels =>
  labels({ namespace: metadata.namespace ?? "default", process: spec.processName ?? "", name: metadata.name });

const sampleOf = (own: Labels, value: number | undefined): Sample[] =>
  value === undefined ? [] : [{ labels: own, value }];

const limit =
  (name: "cpu" | "memory" | "processes") =>
  ({ status }: Subject): number | undefined =>
    status?.limits?.[name];

const isRunning = (state: InstanceState | undefined): boolean => state?.running !== undefined;

const secondsOf = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Date.parse(time) / 1000;

const lastEnd = ({ status }: Subject): InstanceState["terminated"] =>
  status?.state?.terminated ?? status?.lastState?.terminated;

/** As a shell says it. Undefined when the system has not told. */
function exitCodeOf(ended: InstanceState["terminated"]): number | undefined {
  if (ended?.exitCode !== undefined) return ended.exitCode;
  const number = ended?.signal && constants.signals[ended.signal as NodeJS.Signals];
  return number ? 128 + number : undefined;
}
