import type { Stored } from "../../api/object.ts";
import type { Process, ProcessSpec } from "../../api/types.generated.ts";
import { quote } from "./field-error.ts";

const MOST_TOLD = 3;

/**
 * Warnings: who else declares a port that the copies of `next` are given. Not refused, because the other one may be stopped before this one starts. What is
 * in another namespace is told without its name, which the writer may not be allowed to know. Pure.
 */
export function portClaims({ metadata, spec }: Process, all: () => readonly Stored<Process>[]): string[] {
  const own = rangesOf(spec);
  if (own.length === 0) return [];
  const isOther = (other: Stored<Process>): boolean =>
    other.metadata.name !== metadata.name || other.metadata.namespace !== metadata.namespace;
  const told: string[] = [];
  let more = 0;
  for (const other of all()) {
    const port = firstCommon(own, rangesOf(other.spec));
    if (port === undefined || !isOther(other) || other.metadata.deletionTimestamp) continue;
    if (told.length === MOST_TOLD) more++;
    else {
      const name = nameOf(other, metadata.namespace);
      told.push(`spec.ports: ${port} is declared by ${name} too; only one of them can listen there`);
    }
  }
  return more > 0 ? [...told, `spec.ports: and ${more} more declare ports of it`] : told;
}

interface Range {
  from: number;
  to: number;
  protocol: string;
}

/** Objects are never changed, so those of a spec need to be worked out once. */
const known = new WeakMap<ProcessSpec, readonly Range[]>();

/** The numbers that its copies are given. What is stopped, or has no copies, needs none; it is looked at again when that changes. */
function rangesOf(spec: ProcessSpec): readonly Range[] {
  const before = known.get(spec);
  if (before) return before;
  const { suspend = false, replicas = 1, ports = [] } = spec;
  const ranges = ports.flatMap(({ port, perInstance, protocol = "TCP" }) =>
    port === undefined ? [] : [{ from: port, to: perInstance ? port + replicas - 1 : port, protocol }],
  );
  const needed = suspend || replicas === 0 ? [] : ranges;
  known.set(spec, needed);
  return needed;
}

function firstCommon(own: readonly Range[], others: readonly Range[]): number | undefined {
  for (const one of own) {
    for (const other of others) {
      if (one.protocol === other.protocol && one.from <= other.to && other.from <= one.to) {
        return Math.max(one.from, other.from);
      }
    }
  }
  return undefined;
}

const nameOf = ({ metadata }: Stored<Process>, namespace: string | undefined): string =>
  metadata.namespace === namespace ? `process ${quote(metadata.name)}` : "a process of another namespace";
