import { isObject } from "../../lib/json-object.ts";
import { readObject } from "../http/body.ts";
import { objectKindOf } from "../registry/storage.ts";
import type { Serve } from "../services.ts";
import { rendererFor, replyWritten } from "./reply.ts";
import { writeContextOf, writerOf } from "./write-query.ts";

export const create: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request);
  const context = writeContextOf(request.query, "CreateOptions", writerOf(exchange));
  exchange.learned.isDryRun = context.dryRun;
  const body = await readObject(exchange.request, objectKindOf(request.storage));
  const { resource, namespace, subresource, name } = request;
  exchange.learned.name = nameIn(body);
  const written = await services.registry.create(resource, namespace, body, { ...context, subresource, name });
  exchange.learned.name ??= nameIn(written.object); // It was generated.
  return replyWritten(exchange, request, renderer, written);
};

function nameIn({ metadata }: { metadata?: unknown }): string | undefined {
  return isObject(metadata) && typeof metadata.name === "string" ? metadata.name : undefined;
}
