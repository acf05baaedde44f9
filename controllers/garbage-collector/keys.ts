import type { Key, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Controller } from "../../machinery/controller.ts";
import type { InformerEvent } from "../../machinery/informer.ts";
import type { Graph } from "./graph.ts";

/** Turns every event after which an Object may have no owner, or an owner no dependents, into the keys concerned. */
export function watchGraph(controller: Controller, graph: Graph): Controller {
  for (const informer of graph.informers) {
    controller.watch(informer, (event) => keysFor(graph, informer.resource, event));
  }
  return controller;
}

function keysFor(graph: Graph, resource: Resource, event: InformerEvent): Key[] {
  const { object } = event;
  const dependents = (): Key[] =>
    graph.dependentsOf({ resource, object }).map((item) => graph.itemKey(item.resource, item.object));
  if (event.type === "Deleted") return [...dependents(), ...owners(graph, object)];
  if (event.type === "Added" && hasAllOwners(graph, object)) return [];
  if (event.type !== "Changed") return collectable(object) ? [graph.itemKey(resource, object)] : [];
  if (sameJson(told(object), told(event.previous))) return [];
  const own = graph.itemKey(resource, object);
  return [own, ...(object.metadata.deletionTimestamp ? dependents() : []), ...owners(graph, event.previous)];
}

/** The owners may be waiting for this dependent. */
function owners(graph: Graph, object: Stored): Key[] {
  return (object.metadata.ownerReferences ?? []).flatMap((reference) => {
    const owner = graph.ownerOf(reference, object);
    const place = owner?.metadata.deletionTimestamp ? graph.locate(reference, object) : undefined;
    return owner && place ? [graph.itemKey(place.resource, owner)] : [];
  });
}

/** It stays, and when one of them goes, that event brings its key. */
const hasAllOwners = (graph: Graph, object: Stored): boolean =>
  object.metadata.deletionTimestamp === undefined &&
  (object.metadata.ownerReferences ?? []).every((reference) => {
    const owner = graph.ownerOf(reference, object);
    return owner !== undefined && owner.metadata.deletionTimestamp === undefined;
  });

const collectable = ({ metadata }: Stored): boolean =>
  metadata.ownerReferences !== undefined || metadata.deletionTimestamp !== undefined;

/** What matters of an Object here. Its status does not, and changes often. */
const told = ({ metadata }: Stored): unknown => [
  metadata.ownerReferences,
  metadata.finalizers,
  metadata.deletionTimestamp,
  metadata.deletionGracePeriodSeconds,
];
