import { copyIdentity, type LoggedCopy } from "../../api/copy.ts";
import { badRequest } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import { instances, wellKnown } from "../../api/scheme.ts";
import type { Instance, InstanceStatus } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import { applyDefaults } from "../admission/default.ts";
import { applyTemplateDefaults } from "../admission/template-defaults.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { type Identity, instanceGarbageCollector, nodeNameOf } from "../authentication/identity.ts";
import { ageColumn, type Cell } from "../printing/column.ts";
import { type FieldError, forbiddenField, invalidValue, required } from "../validation/field-error.ts";
import { subdomainError } from "../validation/names.ts";
import { templateCauses } from "../validation/template.ts";
import { defineKind } from "./kind.ts";
import { accountRefusal, programRestriction } from "./program-use.ts";

const { stopFinalizer } = wellKnown;

const isReady = { type: "boolean", path: ".status.ready" } as const;
const phase = { type: "string", path: ".status.phase" } as const;
const restartCount = { type: "integer", path: ".status.restartCount" } as const;

export const instanceKind = defineKind<Instance>({
  resource: instances,
  applyConfiguredDefaults: applyTemplateDefaults,
  prepareForCreate: addFinalizer,
  prepareForUpdate: keepFinalizer,
  validate,
  writerRestriction: programRestriction,
  execRestriction: accountRefusal,
  validateUpdate,
  nodeRestriction,
  prepareForDelete: addFinalizer,
  gracePeriodSeconds: ({ spec }) => spec.stop?.gracePeriodSeconds ?? 0,
  loggedCopy,
  columns: [
    { name: "Ready", type: "string", description: "Is it ready?", cell: ready, nearest: isReady },
    { name: "Status", type: "string", description: "One word.", cell: statusWord, nearest: phase },
    { name: "Restarts", type: "integer", description: "Restarts of this copy.", cell: restarts, nearest: restartCount },
    ageColumn,
    { name: "Pid", type: "integer", priority: 1, path: ".status.pid", description: "The main process." },
    { name: "Command", type: "string", priority: 1, path: ".spec.command", description: "The program." },
    { name: "Node", type: "string", priority: 1, path: ".spec.nodeName", description: "Where it runs." },
    { name: "Ports", type: "string", priority: 1, description: "The numbers it was given.", cell: ports },
  ],
  selectableFields: [
    "spec.nodeName",
    // The phase, and the word that people read in the STATUS column.
    { field: "status.phase", texts: (instance) => [instance.status?.phase ?? "", statusWord(instance)] },
  ],
});

/**
 * Every Instance is held until nothing of its process tree is left, whoever made it: an Instance that could go before its processes would
 * leave them to nobody, and its Process would start a second copy beside them (P2, P5).
 */
function addFinalizer(next: Instance): void {
  if (!hasFinalizer(next)) next.metadata.finalizers = [...(next.metadata.finalizers ?? []), stopFinalizer];
}

/**
 * The finalizer goes only when the agent of its node takes it away, which it does when it has seen that nothing is left, or when there is no
 * such node any more. Anybody else's write leaves it where it was, as every field that is the server's, and says so.
 */
function keepFinalizer(next: Instance, current: Instance, { user }: Pick<WriteContext, "user">): string | undefined {
  const held = hasFinalizer(current);
  if (current.metadata.deletionTimestamp && (!held || mayRemoveFinalizer(user, current))) return undefined;
  const asked = hasFinalizer(next);
  addFinalizer(next);
  return held && !asked
    ? `metadata.finalizers: ${stopFinalizer} stays until nothing of the process tree is left; only the agent takes it away`
    : undefined;
}

function mayRemoveFinalizer(user: Identity | undefined, { spec }: Instance): boolean {
  if (user === undefined) return false;
  return nodeNameOf(user) === spec.nodeName || user.name === instanceGarbageCollector.name;
}

function hasFinalizer({ metadata }: Instance): boolean {
  return metadata.finalizers?.includes(stopFinalizer) ?? false;
}

function validate({ spec }: Instance): FieldError[] {
  const causes = templateCauses(spec, "spec", spec.processName);
  for (const field of ["nodeName", "processName"] as const) {
    const error = spec[field] === undefined ? undefined : subdomainError(spec[field]);
    if (error) causes.push(invalidValue(`spec.${field}`, spec[field], error));
  }
  if (spec.revision === "") causes.push(required("spec.revision"));
  for (const [index, { name, keptAs = name }] of (spec.keptContent ?? []).entries()) {
    const error = subdomainError(name) ?? subdomainError(keptAs);
    if (error) causes.push(invalidValue(`spec.keptContent[${index}]`, keptAs, error));
  }
  return causes;
}

/** What runs is what was asked for: another spec is another Instance. Only whether it runs, how it is told of new content, and where it reads
 * the content of its revision can change. */
function validateUpdate(current: Instance, next: Instance): FieldError[] {
  const asked = besideWhatChanges(next.spec);
  if (sameJson(besideWhatChanges(current.spec), asked) || sameJson(besideWhatChanges(withDefaults(current)), asked))
    return [];
  return [
    forbiddenField(
      "spec",
      "an Instance's spec cannot change; change its Process, or delete the Instance to replace it",
    ),
  ];
}

/** The agent of its node writes its status and removes the finalizer. It may not change owners or labels. */
function nodeRestriction(node: string, next: Instance, current: Instance | undefined): string | undefined {
  if (current?.spec.nodeName !== node) return "can only write Instances with spec.nodeName set to itself";
  const isKept =
    sameJson(besideHold(next), besideHold(current)) && sameJson(whatChanges(next.spec), whatChanges(current.spec));
  return isKept ? undefined : "can only write the status and let go";
}

function loggedCopy(instance: Stored<Instance>, index: number | undefined): LoggedCopy {
  if (index !== undefined) throw badRequest("query parameter index: only a Process has copies to choose from");
  return { ...copyIdentity(instance), instance: instance.metadata.uid, isInstance: true };
}

function besideWhatChanges({ suspend: _, configChange: _c, keptContent: _k, ...rest }: Instance["spec"]): unknown {
  return rest;
}

const whatChanges = ({ suspend, configChange, keptContent }: Instance["spec"]): unknown => ({
  suspend,
  configChange,
  keptContent,
});

function besideHold({ metadata: { finalizers = [], ...rest } }: Instance): unknown {
  return { ...rest, finalizers: finalizers.filter((name) => name !== stopFinalizer) };
}

/** As the stored spec would be admitted today: a default that is new since then is no change. */
function withDefaults({ spec }: Instance): Instance["spec"] {
  const copy = structuredClone(spec);
  applyDefaults({ spec: copy }, instanceKind.schema.body);
  return copy;
}

function ready({ status }: Stored<Instance>): Cell {
  return status?.ready === true ? "1/1" : "0/1";
}

/** The words that people grep for in the STATUS column, as kubectl shows them for Pods; besides them the reason of what cannot start. */
type StatusWord = "Running" | "Pending" | "Completed" | "CrashLoopBackOff" | "Error" | "Stopped" | "Terminating";

const words = {
  Pending: "Pending",
  Starting: "Pending",
  Running: "Running",
  Ready: "Running",
  Backoff: "CrashLoopBackOff",
  Stopping: "Terminating",
  Stopped: "Stopped",
  Succeeded: "Completed",
  Failed: "Error",
} as const satisfies Record<NonNullable<InstanceStatus["phase"]>, StatusWord>;

/** A deletion wins over what still runs; a program that waits for its startup probe runs. */
function statusWord({ metadata, status }: Stored<Instance>): string {
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (status?.phase === "Starting" && status.state?.running) return "Running";
  const { reason } = status?.state?.waiting ?? {};
  const cannotStart = status?.phase === "Backoff" || status?.phase === "Pending";
  if (cannotStart && reason !== undefined && reason !== "NotStarted") return reason;
  return status?.phase === undefined ? "Pending" : words[status.phase];
}

function ports({ status }: Stored<Instance>): Cell {
  return (status?.ports ?? []).map(({ name, port }) => `${name}:${port}`).join(",") || "<none>";
}

/** Before the first status there were none. */
function restarts({ status }: Stored<Instance>): Cell {
  return status?.restartCount ?? 0;
}
