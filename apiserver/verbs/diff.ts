import { makeKey } from "../../api/object.ts";
import { text } from "../http/query.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { rendererFor, replyObject } from "./reply.ts";

/** It takes as long as the repository needs, and ends when who asks has gone. */
export const diff: Serve = async (exchange, request, { registry }) => {
  const renderer = rendererFor(exchange, request);
  const { resource, namespace, subresource, query } = request;
  const commit = text(query, "commit");
  const options = commit === undefined ? {} : { commit };
  const key = makeKey(namespace, nameOf(request));
  try {
    const found = await registry.diff(resource, key, subresource, options, exchange.authority!, exchange.gone);
    await replyObject(exchange, request, renderer, found);
  } catch (error) {
    if (!exchange.gone.aborted) throw error;
  }
};
