import type { ObjectList } from "../../api/client.ts";
import type { Stored } from "../../api/object.ts";
import { toYamlLazily } from "../../api/yaml/to-yaml-lazily.ts";
import { negotiate } from "../http/accept.ts";
import type { Exchange } from "../http/exchange.ts";
import { pretty, Renderer, wantsPretty } from "../printing/rendering.ts";
import type { Written } from "../registry/storage.ts";
import type { ResourceRequest } from "../router.ts";

/** Judged before a write happens: a client that cannot read the answer changes nothing. */
export function rendererFor(exchange: Exchange, request: ResourceRequest): Renderer {
  return new Renderer(request.storage, negotiate(exchange.accept), request.query);
}

export const replyObject = (
  exchange: Exchange,
  request: ResourceRequest,
  renderer: Renderer,
  object: Stored,
  code = 200,
): Promise<void> => reply(exchange, request, renderer, [renderer.object(object)], code);

/** What a write made, and what its writer is warned of. */
export function replyWritten(
  exchange: Exchange,
  request: ResourceRequest,
  renderer: Renderer,
  { object, created, warnings }: Written,
): Promise<void> {
  exchange.warn(warnings);
  return replyObject(exchange, request, renderer, object, created ? 201 : 200);
}

export const replyList = (
  exchange: Exchange,
  request: ResourceRequest,
  renderer: Renderer,
  list: ObjectList,
): Promise<void> => reply(exchange, request, renderer, renderer.list(list), 200);

async function reply(
  exchange: Exchange,
  { query }: ResourceRequest,
  { contentType }: Renderer,
  parts: Iterable<string>,
  code: number,
): Promise<void> {
  if (contentType === "application/yaml") return exchange.send(code, contentType, await asYaml([...parts].join("")));
  if (wantsPretty(query, exchange.request.headers["user-agent"])) {
    return exchange.send(code, contentType, pretty([...parts].join("")));
  }
  return exchange.sendParts(code, contentType, parts);
}

/** Above this many characters people get the JSON as it is, which is YAML too: to write more would hold up everybody. */
const LONGEST_YAML = 64 * 1024;

async function asYaml(json: string): Promise<string> {
  if (json.length > LONGEST_YAML) return `${json}\n`;
  return toYamlLazily(JSON.parse(json));
}
