import type { DeleteOptions } from "../../api/client.ts";
import type { LoggedCopy } from "../../api/copy.ts";
import { controllerOf, type Key, makeKey, type Stored } from "../../api/object.ts";
import { instances, processes, type Resource, wellKnown } from "../../api/scheme.ts";
import type { Instance, Process } from "../../api/types.generated.ts";
import { applyTemplateDefaults } from "../admission/template-defaults.ts";
import { ageColumn, type Cell } from "../printing/column.ts";
import { configChangeCauses, configChangeWarnings } from "../validation/config-change.ts";
import { controlWarnings } from "../validation/control-characters.ts";
import { type FieldError, quote } from "../validation/field-error.ts";
import { processNameError } from "../validation/names.ts";
import { portClaims } from "../validation/port-claims.ts";
import { portRangeCauses } from "../validation/ports.ts";
import { rolloutCauses } from "../validation/rollout.ts";
import { templateCauses } from "../validation/template.ts";
import { defineKind, type Find } from "./kind.ts";
import { programRestriction } from "./program-use.ts";

const readyCopies = { type: "integer", path: ".status.readyReplicas" } as const;
const phase = { type: "string", path: ".status.phase" } as const;
const restartCount = { type: "integer", path: ".status.restartCount" } as const;

export const processKind = defineKind<Process>({
  resource: processes,
  applyConfiguredDefaults: applyTemplateDefaults,
  nameError: processNameError,
  validate,
  writerRestriction: programRestriction,
  warnings: (next, content) => [
    ...commandWarnings(next),
    ...stopWarnings(next),
    ...portWarnings(next),
    ...portClaims(next, () => content.all(processes)),
    ...configChangeWarnings(next.spec),
    ...controlWarnings(next.spec, "spec"),
  ],
  propagation,
  gracePeriodSeconds: ({ spec }) => spec.stop?.gracePeriodSeconds ?? 0,
  loggedCopy,
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", labelSelector: ".status.selector" },
  related: { resource: instances as unknown as Resource, keyOf: processOf },
  columns: [
    { name: "Ready", type: "string", description: "Ready copies of wanted copies.", cell: ready, nearest: readyCopies },
    { name: "Status", type: "string", description: "One word.", cell: statusWord, nearest: phase },
    {
      name: "Restarts",
      type: "integer",
      description: "Restarts of all copies.",
      cell: restarts,
      nearest: restartCount,
    },
    ageColumn,
    { name: "Pid", type: "string", priority: 1, description: "Main process of each copy.", cell: pids },
    { name: "Command", type: "string", priority: 1, path: ".spec.command", description: "The program." },
    { name: "Node", type: "string", priority: 1, description: "Where the copies run.", cell: nodes },
    { name: "Ports", type: "string", priority: 1, description: "The numbers that the copies were given.", cell: ports },
  ],
  selectableFields: [{ field: "status.phase", texts: (process) => [statusWord(process)] }],
});

function validate({ metadata, spec }: Process): FieldError[] {
  return [
    ...templateCauses(spec, "spec", metadata.name),
    ...portRangeCauses(spec, "spec"),
    ...rolloutCauses(spec, "spec"),
    ...configChangeCauses(spec, "spec.configChange"),
  ];
}

/** A shell line in `command` is the most common mistake: no shell will split it. */
function commandWarnings({ spec: { command } }: Process): string[] {
  if (!/\s/.test(command) || /[\\/]/.test(command.split(/\s/, 1)[0] ?? "")) return [];
  return [`spec.command: ${quote(command)} is looked up as the name of one program; arguments belong in spec.args`];
}

/** Windows lets nobody close windows of another session or desktop, and a service has none of its own that a person sees. */
function stopWarnings({ spec: { stop } }: Process): string[] {
  if (stop?.signal !== "WmClose") return [];
  return [
    "spec.stop.signal: WmClose reaches only windows of the daemon's own session and desktop; a daemon that is a Windows service " +
      "reaches no window of a user, and the program is killed after gracePeriodSeconds: CtrlC or Event reach it",
  ];
}

/** Not refused: the system lets processes of one account listen at one port together (SO_REUSEPORT). */
function portWarnings({ spec: { ports = [], replicas = 1, strategy } }: Process): string[] {
  const shared = ports.filter(({ port, perInstance }) => port !== undefined && !perInstance);
  const { maxSurge = 0 } = strategy?.rollingUpdate ?? {};
  if (shared.length > 0 && Number.parseInt(String(maxSurge), 10) > 0) {
    return [
      `spec.strategy.rollingUpdate.maxSurge: a copy that stands in during a rollout is given ${shared[0]!.port} too, which the old one has: it never becomes ready. perInstance: true gives it a port of its own; maxSurge: 0 makes none`,
    ];
  }
  if (replicas < 2) return [];
  return shared.map(
    ({ name, port }) =>
      `spec.ports: each of ${replicas} copies is given ${port} as ${quote(name)}, and only one of them can listen there; perInstance: true gives copy i ${port} + i`,
  );
}

/**
 * A grace period that is asked for a Process is meant for its Instances. They hear of it from a Process that is still there: so it stays until
 * they are gone, also when its deletion was to go on in the background.
 */
function propagation({ metadata }: Process, options: DeleteOptions): DeleteOptions["propagation"] {
  if (options.gracePeriodSeconds === undefined || options.propagation === "Orphan") return options.propagation;
  const isOrphaning = options.propagation === undefined && metadata.finalizers?.includes(wellKnown.orphanFinalizer);
  return isOrphaning ? undefined : "Foreground";
}

/** Also of a copy that is not there now: what it wrote stays. */
function loggedCopy({ metadata }: Stored<Process>, index = 0, find: Find): LoggedCopy {
  const { uid, name, namespace } = metadata;
  const instance = find(instances, makeKey(namespace, `${name}-${index}`));
  const isOwn = instance !== undefined && controllerOf(instance)?.uid === uid;
  return { owner: uid, index, ...(isOwn && { instance: instance.metadata.uid }) };
}

function ready({ spec, status }: Stored<Process>): Cell {
  return `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`;
}

/** A deletion wins. A Process that no controller has seen yet is Pending. */
function statusWord({ metadata, status }: Stored<Process>): string {
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return status?.phase ?? "Pending";
}

/** Before the first status there were none. */
function restarts({ status }: Stored<Process>): Cell {
  return status?.restartCount ?? 0;
}

/** The Process that this is a copy of. */
function processOf({ metadata: { namespace, labels } }: Stored): Key | undefined {
  const name = labels?.[wellKnown.processLabel];
  return name === undefined ? undefined : makeKey(namespace, name);
}

const byIndex = (copies: readonly Stored[]): Stored<Instance>[] =>
  (copies as readonly Stored<Instance>[]).toSorted((a, b) => a.spec.index - b.spec.index);

function pids(_process: Stored<Process>, copies: readonly Stored[]): Cell {
  return joined(byIndex(copies).flatMap(({ status }) => (status?.pid === undefined ? [] : [status.pid])));
}

function nodes(_process: Stored<Process>, copies: readonly Stored[]): Cell {
  return joined([...new Set(byIndex(copies).map(({ spec }) => spec.nodeName))]);
}

function ports(_process: Stored<Process>, copies: readonly Stored[]): Cell {
  const all = byIndex(copies).flatMap(({ status }) => status?.ports ?? []);
  return joined([...new Set(all.map(({ name, port }) => `${name}:${port}`))]);
}

/** Longer lists end in `+ 3 more...`, as kubectl's do. */
const MOST_SHOWN = 8;

function joined(values: readonly (string | number)[]): string {
  if (values.length === 0) return "<none>";
  const shown = values.slice(0, MOST_SHOWN).join(",");
  return values.length > MOST_SHOWN ? `${shown} + ${values.length - MOST_SHOWN} more...` : shown;
}
