import { findCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Replica } from "../replicas/replica.ts";

/**
 * The progress deadline of one Process. Whatever brings replicas nearer to the wanted revision is progress, and starts the deadline over. It is
 * kept in memory on the monotonic clock (P8), so a restart of the daemon starts it over too, unless status says already that it has passed.
 */
export class Progress {
  readonly #clock: Clock;
  #last: { signature: string; at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the deadline; 0 or less when it has passed. */
  leftMs(process: Stored<Process>, revision: string | undefined, replicas: readonly Replica[]): number {
    const deadlineMs = (process.spec.progressDeadlineSeconds ?? 600) * 1000;
    const signature = signatureOf(process, revision, replicas);
    if (this.#last?.signature !== signature) {
      const passed = !this.#last && alreadyPassed(process, revision);
      this.#last = { signature, at: this.#clock.now() - (passed ? deadlineMs : 0) };
    }
    return this.#last.at + deadlineMs - this.#clock.now();
  }
}

function signatureOf(process: Stored<Process>, revision: string | undefined, replicas: readonly Replica[]): string {
  const updated = replicas.filter((replica) => !replica.deleting && replica.revision === revision);
  const count = (is: (replica: Replica) => boolean): number => updated.filter(is).length;
  return JSON.stringify([
    revision,
    process.spec.replicas,
    process.spec.paused ?? false,
    process.spec.suspend ?? false,
    updated.length,
    replicas.length - updated.length,
    count((replica) => replica.ready),
    count((replica) => replica.available),
  ]);
}

function alreadyPassed({ status, metadata }: Stored<Process>, revision: string | undefined): boolean {
  const condition = findCondition(status?.conditions, "Progressing");
  return (
    condition?.reason === "ProgressDeadlineExceeded" &&
    condition.observedGeneration === metadata.generation &&
    status?.currentRevision === revision
  );
}
