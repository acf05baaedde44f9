import { makeKey } from "../../api/object.ts";
import { readObject } from "../http/body.ts";
import { objectKindOf } from "../registry/storage.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { rendererFor, replyWritten } from "./reply.ts";
import { writeContextOf, writerOf } from "./write-query.ts";

export const update: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request);
  const context = writeContextOf(request.query, "UpdateOptions", writerOf(exchange));
  exchange.learned.isDryRun = context.dryRun;
  const body = await readObject(exchange.request, objectKindOf(request.storage));
  const written = await services.registry.update(request.resource, makeKey(request.namespace, nameOf(request)), body, {
    ...context,
    subresource: request.subresource,
  });
  return replyWritten(exchange, request, renderer, written);
};
