import { readObject } from "../http/body.ts";
import { objectKindOf } from "../registry/storage.ts";
import type { Serve } from "../services.ts";
import { rendererFor, replyObject } from "./reply.ts";
import { writeContextOf, writerOf } from "./write-query.ts";

export const create: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request);
  const context = writeContextOf(request.query, "CreateOptions", writerOf(exchange));
  const body = await readObject(exchange.request, objectKindOf(request.storage));
  const { resource, namespace, subresource, name } = request;
  const written = await services.registry.create(resource, namespace, body, { ...context, subresource, name });
  const { object, warnings } = written;
  exchange.warn(warnings);
  return replyObject(exchange, request, renderer, object, 201);
};
