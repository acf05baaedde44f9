import { constants } from "node:os";
import type { Stored } from "../../../api/object.ts";
import type { ContainerState, ContainerStatus, Instance, InstanceState } from "../../../api/types.generated.ts";

type Terminated = NonNullable<InstanceState["terminated"]>;

const SIGNALLED = 128;
/** Kubernetes' exit code of what ended unseen. */
const UNKNOWN = 137;

/** Of the current run, or of the last one. Undefined before the first. */
export const containerIdOf = ({ metadata, status }: Stored<Instance>): string | undefined =>
  status?.run ? `wctl://${metadata.uid}-${status.run}` : undefined;

/**
 * How the one container is, and how its run before ended. Clients take `terminated` for the end of the container, so what is to be started again is
 * waiting, as in Kubernetes.
 */
export function containerStatesOf(instance: Stored<Instance>): Pick<ContainerStatus, "state" | "lastState"> {
  const { phase, state = {}, lastState, run = 0 } = instance.status ?? {};
  const id = containerIdOf(instance);
  const before = run > 1 ? `wctl://${instance.metadata.uid}-${run - 1}` : id;
  const { waiting, running, terminated } = state;
  if (running)
    return { state: { running: { startedAt: running.startedAt } }, lastState: ended(lastState?.terminated, before) };
  if (terminated && (phase === "Stopped" || phase === "Pending"))
    return { state: waitingToStart(phase), lastState: ended(terminated, id) };
  if (terminated) return { state: ended(terminated, id), lastState: ended(lastState?.terminated, before) };
  const last = ended(lastState?.terminated, id);
  if (!waiting || waiting.reason === "NotStarted") return { state: waitingToStart(phase), lastState: last };
  const reason = phase === "Stopped" ? phase : waiting.reason;
  return { state: { waiting: { reason, ...(waiting.message && { message: waiting.message }) } }, lastState: last };
}

/** In the word by which clients know what has yet to begin. */
const waitingToStart = (phase: string | undefined): ContainerState => ({
  waiting: { reason: phase === "Stopped" ? phase : "ContainerCreating" },
});

function ended(terminated: Terminated | undefined, containerID: string | undefined): ContainerState {
  if (!terminated) return {};
  const { exitCode, signal, reason, message, startedAt, finishedAt } = terminated;
  const number = signal === undefined ? undefined : (constants.signals as Record<string, number>)[signal];
  return {
    terminated: {
      exitCode: exitCodeOf(exitCode, number),
      ...(number !== undefined && { signal: number }),
      reason,
      ...(message !== undefined && { message }),
      ...(startedAt !== undefined && { startedAt }),
      ...(finishedAt !== undefined && { finishedAt }),
      ...(containerID !== undefined && { containerID }),
    },
  };
}

/** Windows' codes have 32 bits without a sign: 0xC0000005 is -1073741819 here, for clients refuse what does not fit their int32. */
const exitCodeOf = (exitCode: number | undefined, signal: number | undefined): number =>
  (exitCode ?? (signal === undefined ? UNKNOWN : SIGNALLED + signal)) | 0;
