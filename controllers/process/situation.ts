import type { Stored } from "../../api/object.ts";
import type {
  ConfigChange,
  Instance,
  InstanceSpec,
  Process,
  ProcessStatus,
  ProcessTemplate,
} from "../../api/types.generated.ts";
import type { KeptContent } from "./content/kept-content.ts";
import type { Verdict } from "./dependencies/dependencies.ts";
import type { Replica } from "./replicas/replica.ts";
import type { Progress } from "./rollout/progress.ts";

/** Everything a plan depends on. */
export interface Situation {
  process: Stored<Process>;
  /** The Instances of this very Process, those being deleted too. */
  replicas: readonly Replica[];
  /** Instances of others; one of them may have a name that is needed. */
  strangers: readonly Stored<Instance>[];
  /** May replicas be started, as far as dependencies are concerned? */
  dependencies: Verdict;
  /** Templates by revision, of what runs and of what was rolled out last. A paused Process is kept at one of them. */
  templates: ReadonlyMap<string, ProcessTemplate>;
  /** By revision that was rolled out before: which kept copies it is made with, where content has changed since. */
  kept?: ReadonlyMap<string, KeptContent>;
}

export type Step =
  | {
      do: "create";
      index: number;
      revision: string;
      template: ProcessTemplate;
      keptContent?: InstanceSpec["keptContent"];
    }
  /** The labels of its Process have changed: it gets these, and goes on running. */
  | { do: "relabel"; replica: Replica; labels: Record<string, string> }
  /** It is told of new content in another way, or reads its content elsewhere when it is started again; it goes on running. */
  | {
      do: "reconfigure";
      replica: Replica;
      configChange: ConfigChange | undefined;
      keptContent: InstanceSpec["keptContent"];
    }
  /** It is stopping, and its grace period is shortened to this many seconds. */
  | { do: "shorten-grace"; replica: Replica; graceSeconds: number }
  /** Its program is stopped, or may run again; the Instance stays. */
  | { do: "suspend"; replica: Replica; suspend: boolean }
  | { do: "delete"; replica: Replica; rule: "ScaleDown" | "RollingUpdate" | "Recreate" };

export interface Plan {
  steps: Step[];
  /** What every replica shall be; absent while a paused Process has never been rolled out. */
  revision?: string;
  /** The rule that fired, for `wctl why`. */
  rule: string;
  message: string;
  /** Look again after this long, when nothing happens before. */
  wakeMs?: number;
}

export interface Wanted {
  revision: string | undefined;
  template: ProcessTemplate | undefined;
  keptContent?: InstanceSpec["keptContent"];
  paused: boolean;
  /** Why it is not the revision of the spec. */
  rollback?: NonNullable<ProcessStatus["rollback"]>;
}

export interface Missing {
  create: (Step & { do: "create" })[];
  /** Indices whose name is still taken by a replica that is going. */
  going: string[];
  /** Names that belong to somebody else. */
  taken: Stored<Instance>[];
  wanted: number;
}

/** Replicas whose `spec.suspend` is not that of the Process; lifting it waits for the dependencies, as every start does. */
export interface Suspension {
  steps: (Step & { do: "suspend" })[];
  /** They would run again, were it not for a dependency. */
  held: Replica[];
}

/** What the status is made of: the replicas as they are after the plan's steps, and what became of them. */
export interface Observation extends Pick<Situation, "process" | "replicas"> {
  plan: Plan;
  progress: Progress;
  /** What to bring back when the rollout fails. */
  rollbackGoal?: string | undefined;
  /** Why nothing can be brought back, when it should be. */
  rollbackRefusal?: string | undefined;
  /** A step that the API refused. */
  refusal?: string;
  now: Date;
}
