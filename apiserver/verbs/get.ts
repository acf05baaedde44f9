import { makeKey } from "../../api/object.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { checkNotFuture, revisionOf } from "./list-query.ts";
import { warnIfOutdated } from "./outdated.ts";
import { rendererFor, replyObject } from "./reply.ts";

export const get: Serve = async (exchange, request, { registry }) => {
  const renderer = rendererFor(exchange, request);
  const key = makeKey(request.namespace, nameOf(request));
  const { revision } = revisionOf(request.query);
  const latest = revision ? await registry.at(request.resource).list?.({ limit: 1 }) : undefined;
  checkNotFuture(revision, latest?.metadata.resourceVersion);
  const object = await registry.get(request.resource, key, request.subresource);
  warnIfOutdated(exchange, request.storage);
  return replyObject(exchange, request, renderer, object);
};
