import { makeKey } from "../../api/object.ts";
import { isApply, readPatch } from "../http/body.ts";
import { isTrue } from "../http/query.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { rendererFor, replyWritten } from "./reply.ts";
import { type PatchKind, patchContextOf, writerOf } from "./write-query.ts";

export const patch: Serve = async (exchange, request, services) => {
  const renderer = rendererFor(exchange, request);
  const kind: PatchKind = isApply(exchange.request) ? "apply" : "other";
  const context = patchContextOf(request.query, kind, writerOf(exchange));
  exchange.learned.isDryRun = context.dryRun;
  const change = await readPatch(exchange.request, request.resource);
  const whole = change.type === "apply" ? { ...change, force: isTrue(request.query.get("force")) } : change;
  const written = await services.registry.patch(request.resource, makeKey(request.namespace, nameOf(request)), whole, {
    ...context,
    subresource: request.subresource,
  });
  return replyWritten(exchange, request, renderer, written);
};
