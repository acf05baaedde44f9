import type { Stored } from "../../api/object.ts";
import type { PortSpec, Process, ProcessSpec } from "../../api/types.generated.ts";
import { quote } from "./field-error.ts";

const MOST_TOLD = 3;

/**
 * Warnings: who else declares a port that the copies of `next` are given. Not refused, because the other one may be stopped before this one starts. What is
 * in another namespace is told without its name, which the writer may not be allowed to know. Pure.
 */
export function portClaims({ metadata, spec }: Process, all: () => readonly Stored<Process>[]): string[] {
  if (!runs(spec)) return [];
  const own = fixed(spec);
  if (own.length === 0) return [];
  const isOther = (other: Stored<Process>): boolean =>
    other.metadata.name !== metadata.name || other.metadata.namespace !== metadata.namespace;
  const others = all().filter((other) => isOther(other) && !other.metadata.deletionTimestamp && runs(other.spec));
  const told = others.flatMap((other) => {
    const meeting = own.flatMap((one) => fixed(other.spec).flatMap((its) => meet(one, its, spec, other.spec)));
    const [port] = meeting;
    return port === undefined ? [] : [`spec.ports: ${port} is declared by ${nameOf(other, metadata.namespace)} too`];
  });
  const more = told.length - MOST_TOLD;
  const shown = told.slice(0, MOST_TOLD).map((text) => `${text}; only one of them can listen there`);
  return more > 0 ? [...shown, `spec.ports: and ${more} more declare ports of it`] : shown;
}

/** What is stopped, or has no copies, needs no port; it is looked at again when that changes. */
const runs = ({ suspend = false, replicas = 1 }: ProcessSpec): boolean => !suspend && replicas > 0;

type Fixed = PortSpec & { port: number };
const fixed = ({ ports = [] }: ProcessSpec): Fixed[] => ports.filter((one): one is Fixed => one.port !== undefined);

function meet(one: Fixed, its: Fixed, spec: ProcessSpec, itsSpec: ProcessSpec): number[] {
  if ((one.protocol ?? "TCP") !== (its.protocol ?? "TCP")) return [];
  const lowest = Math.max(one.port, its.port);
  return lowest <= Math.min(lastOf(one, spec), lastOf(its, itsSpec)) ? [lowest] : [];
}

const lastOf = ({ port, perInstance }: Fixed, { replicas = 1 }: ProcessSpec): number =>
  perInstance ? port + replicas - 1 : port;

const nameOf = ({ metadata }: Stored<Process>, namespace: string | undefined): string =>
  metadata.namespace === namespace ? `process ${quote(metadata.name)}` : "a process of another namespace";
