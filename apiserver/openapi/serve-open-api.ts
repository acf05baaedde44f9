import { noSuchResource, StatusError } from "../../api/errors.ts";
import { type Acceptable, parseAccept } from "../http/accept.ts";
import type { Exchange } from "../http/exchange.ts";
import type { KeptBody } from "../http/kept-body.ts";
import type { PathRequest } from "../router.ts";
import { hashedUrl, type OpenApi } from "./open-api.ts";

const v3Root = "/openapi/v3";
const YEAR_MS = 365 * 24 * 3_600_000;

type Forms = ReadonlyMap<string, (openApi: OpenApi) => KeptBody>;

/** With `@` is how kubectl asks up to 1.25. The answer never has it: it is no character of a media type. */
const formsOfV2: Forms = new Map([
  ["application/json", (openApi: OpenApi) => openApi.v2()],
  ["application/com.github.proto-openapi.spec.v2.v1.0+protobuf", (openApi: OpenApi) => openApi.v2Protobuf()],
  ["application/com.github.proto-openapi.spec.v2@v1.0+protobuf", (openApi: OpenApi) => openApi.v2Protobuf()],
]);
const formsOfIndex: Forms = new Map([["application/json", (openApi: OpenApi) => openApi.index()]]);

/** `/openapi/v2`, `/openapi/v3` and what is below it. Throws NotFound, and NotAcceptable for a form that there is not. */
export async function serveOpenApi(
  exchange: Exchange,
  { path, query }: PathRequest,
  openApi: OpenApi,
  now: Date,
): Promise<void> {
  exchange.response.setHeader("Vary", "Accept");
  if (path === "/openapi/v2") return exchange.sendKept(formFor(exchange.accept, formsOfV2)(openApi));
  if (path === v3Root) return exchange.sendKept(formFor(exchange.accept, formsOfIndex)(openApi));
  const groupVersion = path.slice(v3Root.length + 1);
  const document = openApi.groupVersion(groupVersion);
  if (!document) throw noSuchResource();
  formFor(exchange.accept, formsOfIndex);
  const hash = query.get("hash");
  if (hash && hash !== document.hash) return exchange.redirect(hashedUrl(groupVersion, document));
  if (hash) keepForGood(exchange, now);
  return exchange.sendKept(document);
}

/** Under this URL there will never be anything else. */
function keepForGood({ response }: Exchange, now: Date): void {
  response.setHeader("Cache-Control", "public, immutable");
  response.setHeader("Expires", new Date(now.getTime() + YEAR_MS).toUTCString());
}

/** The first form that the client takes and there is. */
function formFor(accept: string | undefined, forms: Forms): (openApi: OpenApi) => KeptBody {
  for (const clause of parseAccept(accept)) {
    const found = [...forms].find(([type]) => takes(clause, type));
    if (found) return found[1];
  }
  const types = [...forms.keys()].filter((type) => !type.includes("@")).join(", ");
  throw new StatusError("NotAcceptable", `only the following media types are accepted: ${types}`);
}

const takes = ({ type }: Acceptable, offered: string): boolean =>
  type === offered || type === "*/*" || type === `${offered.split("/")[0]}/*`;
