import { makeKey } from "../../api/object.ts";
import { readPatch } from "../http/body.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { rendererFor, replyObject } from "./reply.ts";
import { writeContextOf, writerOf } from "./write-query.ts";

export const patch: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request);
  const context = writeContextOf(request.query, "PatchOptions", writerOf(exchange));
  const change = await readPatch(exchange.request, request.resource);
  const written = await services.registry.patch(request.resource, makeKey(request.namespace, nameOf(request)), change, {
    ...context,
    subresource: request.subresource,
  });
  exchange.warn(written.warnings);
  return replyObject(exchange, request, renderer, written.object, written.created ? 201 : 200);
};
