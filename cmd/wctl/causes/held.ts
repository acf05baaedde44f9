import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { Line } from "./cause.ts";

type Of = Stored<Process>;

/** Why a Process is held up whatever its copies do, by the rule that its controller decided by, and by the reasons of its conditions. */
export const HELD: readonly Line<Of>[] = [
  {
    reason: "DependencyFailed",
    advice:
      "waiting alone does not help: mend the dependency that is named (wctl why process/NAME), or take it out of spec.dependsOn",
  },
  { reason: "DependencyCycle", advice: "take one of them out of spec.dependsOn" },
  {
    reason: "WaitingForDependency",
    advice: "it starts as soon as the dependency is so far: wctl why process/NAME tells what that one waits for",
  },
  {
    reason: "OutdatedContent",
    advice: "wctl restart process/NAME takes it in; with spec.configChange.action RollingUpdate that happens by itself",
  },
  {
    reason: "RolledBack",
    advice:
      "the spec and its content are still those that failed: correct them and apply them again, or take what runs into them: wctl rollout undo process/NAME",
  },
  {
    reason: "RollbackFailed",
    advice:
      "neither template runs, so look at what both need: a dependency, a file, an account, a port; then wctl restart process/NAME",
  },
  { reason: "NameTaken", advice: "delete that instance, or give the process another name" },
  { reason: "Paused", advice: "set spec.paused to false" },
  { reason: "StepRefused", advice: "the API refused what the controller wanted: mend what the message names" },
];
