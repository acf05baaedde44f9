import type { Stored } from "../../api/object.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import type { ProbeReport } from "../../runtime/probes/prober.ts";
import type { RuntimeEvent } from "../../runtime/runtime.ts";
import type { SecretMasks } from "./launch/secret-masks.ts";

/** Events about Instances. What a program prints or a probe answers may come into them, so values of Secrets are masked (P20). */
export class InstanceEvents {
  readonly #recorder: EventRecorder;
  readonly #masks: Pick<SecretMasks, "of">;

  constructor(recorder: EventRecorder, masks: Pick<SecretMasks, "of">) {
    this.#recorder = recorder;
    this.#masks = masks;
  }

  /** The events of the runtime that a person should know of. */
  observed(instance: Stored<Instance>, event: RuntimeEvent): void {
    if (event.type === "limit") {
      const reason = event.limit === "memory" ? "MemoryLimitExceeded" : "ProcessLimitExceeded";
      this.warning(instance, reason, event.message);
    }
    if (event.type === "home-taken-up") this.normal(instance, "HomeTakenUp", event.message);
    if (event.type === "log-truncated") this.#recorder.event(instance, "Warning", "LogTruncated", event.message);
  }

  /** In the words of the kubelet. */
  probed(instance: Stored<Instance>, { kind, result }: ProbeReport): void {
    const probe = kind.charAt(0).toUpperCase() + kind.slice(1);
    const said = this.#masks.of(instance).mask(result.message);
    if (result.outcome === "failure") {
      const how = result.errored ? "errored" : "failed";
      this.#recorder.event(instance, "Warning", "Unhealthy", `${probe} probe ${how}: ${said}`);
    } else if (result.warning) {
      this.#recorder.event(instance, "Warning", "ProbeWarning", `${probe} probe warning: ${said}`);
    }
  }

  normal(instance: Stored<Instance>, reason: string, message: string): void {
    this.#recorder.event(instance, "Normal", reason, this.#masks.of(instance).mask(message));
  }

  warning(instance: Stored<Instance>, reason: string, message: string): void {
    this.#recorder.event(instance, "Warning", reason, this.#masks.of(instance).mask(message));
  }
}
