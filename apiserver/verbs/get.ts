import { makeKey } from "../../api/object.ts";
import { scaleOf } from "../registry/scale.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { checkNotFuture, revisionOf } from "./list-query.ts";
import { rendererFor, replyObject } from "./reply.ts";

/** `status` reads as the whole Object does. */
export const get: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request, services);
  const key = makeKey(request.namespace, nameOf(request));
  const { revision } = revisionOf(request.query);
  if (revision)
    checkNotFuture(revision, services.registry.list(request.resource, { limit: 1 }).metadata.resourceVersion);
  const object = services.registry.get(request.resource, key);
  const shown = request.subresource === "scale" ? scaleOf(request.resource, object) : object;
  return replyObject(exchange, request, renderer, shown);
};
