import type { ManifestObject } from "../../input/manifests.ts";
import type { Reference } from "./references.ts";

/** One Process waits for another. */
export interface Edge {
  from: ManifestObject;
  to: ManifestObject;
  reference: Reference;
}

interface Circle {
  /** Where it closes. */
  last: Edge;
  /** `a`, `b`, `a` */
  names: string[];
}

/** Processes that wait for each other. Those with several circles in common are told of one. Linear, and never deep. */
export function circles(edges: readonly Edge[]): Circle[] {
  const ahead = Map.groupBy(edges, ({ from }) => from);
  const left = waitingForEver(edges);
  const found: Circle[] = [];
  for (const start of left) {
    const way: Edge[] = [];
    const places = new Map<ManifestObject, number>();
    let at = start;
    while (left.has(at) && !places.has(at)) {
      const edge = ahead.get(at)?.find(({ to }) => left.has(to));
      if (!edge) break;
      places.set(at, way.length);
      way.push(edge);
      at = edge.to;
    }
    const round = way.slice(places.get(at) ?? way.length);
    const last = round.at(-1);
    if (last) found.push({ last, names: [at, ...round.map(({ to }) => to)].map(({ object }) => object.metadata.name) });
    left.delete(start);
    for (const { from } of way) left.delete(from);
  }
  return found;
}

/** Who is left when, again and again, those have gone who wait for nobody: who is in a circle, or waits for one. */
function waitingForEver(edges: readonly Edge[]): Set<ManifestObject> {
  const behind = Map.groupBy(edges, ({ to }) => to);
  const counts = new Map<ManifestObject, number>();
  for (const { from, to } of edges) {
    counts.set(from, (counts.get(from) ?? 0) + 1);
    if (!counts.has(to)) counts.set(to, 0);
  }
  const free = [...counts].flatMap(([process, count]) => (count === 0 ? [process] : []));
  for (let one = free.pop(); one; one = free.pop()) {
    for (const { from } of behind.get(one) ?? []) {
      const count = counts.get(from)! - 1;
      counts.set(from, count);
      if (count === 0) free.push(from);
    }
  }
  return new Set([...counts].flatMap(([process, count]) => (count > 0 ? [process] : [])));
}
