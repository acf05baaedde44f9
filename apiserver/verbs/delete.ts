import type { Status } from "../../api/errors.ts";
import { makeKey, type Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { readOptions } from "../http/body.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { deleteOptionsOf } from "./delete-query.ts";
import { rendererFor, replyObject } from "./reply.ts";

/** Answers with the Object while finalizers hold it, with a Status when it is gone; of some resources with the Object then too, as Kubernetes does. */
export const remove: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request);
  const options = deleteOptionsOf(request.query, await readOptions(exchange.request));
  exchange.learned.isDryRun = options.dryRun;
  const key = makeKey(request.namespace, nameOf(request));
  const { object, gone } = await services.registry.delete(request.resource, key, options);
  if (!gone || request.storage.returnsDeletedObject) return replyObject(exchange, request, renderer, object);
  return exchange.json(200, `${JSON.stringify(success(request.resource, object))}\n`);
};

const success = (resource: Resource, { metadata }: Stored): Status => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  details: {
    name: metadata.name,
    ...(resource.group ? { group: resource.group } : {}),
    kind: resource.plural,
    uid: metadata.uid,
  },
});
