import type { Stored } from "../../../../api/object.ts";
import type { Condition } from "../../../../api/types.generated.ts";
import { didYouMean, nearest } from "../../../../lib/near-miss.ts";
import { Failure } from "../../errors/failure.ts";
import { valuesAt } from "../../printers/jsonpath.ts";

/** Does the object meet the condition? `undefined`: there is no such object. */
export type WaitCondition = (object: Stored | undefined) => boolean;

/** `--for`, in kubectl's forms: `delete`, `create`, `condition=TYPE[=STATUS]`, `jsonpath={PATH}[=VALUE]`. */
export function parseWaitCondition(text: string): WaitCondition {
  const lower = text.toLowerCase();
  if (lower === "delete") return (object) => object === undefined;
  if (lower === "create") return (object) => object !== undefined;
  if (lower.startsWith("condition=")) return conditionIs(text.slice("condition=".length));
  if (lower.startsWith("jsonpath=")) return jsonPathIs(text.slice("jsonpath=".length));
  throw new Failure(`unrecognized condition: ${JSON.stringify(text)}`, {
    hint: "Write --for=condition=Ready, --for=delete, --for=create or --for=jsonpath='{.status.phase}'=Running.",
  });
}

/** Those of the kinds that are served. What a newer server knows is awaited as well. */
const TYPES = ["Ready", "Progressing", "Degraded", "Stalled", "Enforced", "Started", "Completed"];
const STATUSES = ["True", "False", "Unknown"];
/** What Kubernetes and others call it. */
const OTHERS: Readonly<Record<string, string>> = { available: "Ready", healthy: "Ready", running: "Started" };

function refuseNearMisses(type: string, status: string): void {
  const isOne = (word: string, known: readonly string[]): boolean =>
    known.some((one) => one.toLowerCase() === word.toLowerCase());
  const meant = Object.hasOwn(OTHERS, type.toLowerCase()) ? OTHERS[type.toLowerCase()] : nearest(type, TYPES);
  if (!isOne(type, TYPES) && meant !== undefined)
    throw new Failure(`there is no condition ${JSON.stringify(type)} (did you mean ${meant}?)`);
  if (isOne(status, STATUSES)) return;
  const hint = didYouMean(status, STATUSES);
  throw new Failure(`a condition is True, False or Unknown, not ${JSON.stringify(status)}${hint}`);
}

/** A condition that was observed at an older generation says nothing about the present spec. */
function conditionIs(text: string): WaitCondition {
  const [type = "", wanted = "true"] = text.split("=", 2);
  refuseNearMisses(type, wanted);
  return (object) => {
    if (!object) return false;
    const { conditions = [], observedGeneration } = statusOf(object);
    const condition =
      conditions.find((one) => one.type.toLowerCase() === type.toLowerCase()) ?? derivedCondition(object, type);
    if (!condition) return false;
    const observed = condition.observedGeneration ?? observedGeneration;
    const outdated = observed !== undefined && observed < (object.metadata.generation ?? 0);
    return !outdated && condition.status.toLowerCase() === wanted.toLowerCase();
  };
}

/** `Started` and `Completed`, which `dependsOn` knows too, are said by other fields of the status. */
function derivedCondition(
  { kind, status }: Waited,
  type: string,
): (Pick<Condition, "status"> & Partial<Condition>) | undefined {
  const is = (met: boolean): Pick<Condition, "status"> => ({ status: met ? "True" : "False" });
  const word = type.toLowerCase();
  const phases = DERIVED[kind]?.[word];
  return phases && is(phases.includes(status?.phase ?? "") || (word === "started" && status?.started === true));
}

/** By kind and condition: the phases in which it is met. */
const DERIVED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Process: { started: ["Running", "Completed"], completed: ["Completed"] },
  Instance: { started: ["Ready", "Succeeded"], completed: ["Succeeded"] },
};

interface Waited {
  kind: string;
  status?: { phase?: string; started?: boolean };
}

/** Conditions of a Process that cannot come while it is stalled. */
const GOOD = /^condition=(ready|completed|started)(=true)?$/i;

/** Why waiting for `text` (as in `--for`) does not help before somebody changes something; undefined while it may. */
export function whyNever(text: string, object: Stored | undefined): string | undefined {
  if (!object || !GOOD.test(text)) return undefined;
  const { conditions = [], observedGeneration } = statusOf(object);
  // What somebody has stopped comes to nothing good before somebody starts it.
  const stalled = conditions.find(
    ({ type, status, reason }) =>
      (type === "Stalled" && status === "True") || (type === "Ready" && reason === "Suspended"),
  );
  const observed = stalled?.observedGeneration ?? observedGeneration ?? 0;
  if (!stalled || observed < (object.metadata.generation ?? 0)) return undefined;
  return `${stalled.reason}: ${stalled.message}`;
}

const statusOf = (object: Stored): { conditions?: Condition[]; observedGeneration?: number } =>
  (object as { status?: object }).status ?? {};

/** Without a value any value will do. Only plain values can be compared. */
function jsonPathIs(text: string): WaitCondition {
  const end = text.indexOf("}=");
  const bare = end < 0 && !text.startsWith("{") ? text.indexOf("=") : -1;
  const at = end >= 0 ? end + 1 : bare;
  const source = at < 0 ? text : text.slice(0, at);
  const wanted = at < 0 ? undefined : text.slice(at + 1).replace(/^(['"])(.*)\1$/, "$2");
  if (wanted === "") throw new Failure("jsonpath wait has to have a value after =");
  const values = valuesAt(source);
  return (object) => {
    if (!object) return false;
    const found = values(object);
    if (found.length > 1) throw new Failure(`given jsonpath expression matches more than one value: ${source}`);
    if (found.length === 0 || found[0] === undefined) return false;
    return wanted === undefined || String(found[0]) === wanted;
  };
}
