import { noSuchResource, StatusError } from "../../api/errors.ts";
import { type Acceptable, parseAccept } from "../http/accept.ts";
import type { Exchange } from "../http/exchange.ts";
import type { KeptBody } from "../http/kept-body.ts";
import type { PathRequest } from "../router.ts";
import { type Forms, hashedUrl, type OpenApi, protobufType } from "./open-api.ts";

const v3Root = "/openapi/v3";
const YEAR_MS = 365 * 24 * 3_600_000;

/** `/openapi/v2`, `/openapi/v3` and what is below it. The index is JSON whatever is asked for, as the real server's. Throws NotFound, and NotAcceptable for a form that there is not. */
export async function serveOpenApi(
  exchange: Exchange,
  { path, query }: PathRequest,
  openApi: OpenApi,
  now: Date,
): Promise<void> {
  exchange.response.setHeader("Vary", "Accept");
  if (path === "/openapi/v2") return exchange.sendKept(formFor(exchange.accept, 2, openApi.v2));
  if (path === v3Root) return exchange.sendKept(openApi.index());
  const groupVersion = path.slice(v3Root.length + 1);
  const forms = openApi.groupVersion(groupVersion);
  if (!forms) throw noSuchResource();
  const document = formFor(exchange.accept, 3, forms);
  const hash = query.get("hash");
  // Whatever form is asked for, the URL is that of the JSON.
  if (hash && hash !== forms.json().hash) return exchange.redirect(hashedUrl(groupVersion, forms.json()));
  if (hash) keepForGood(exchange, now);
  return exchange.sendKept(document);
}

/** Under this URL there will never be anything else. */
function keepForGood({ response }: Exchange, now: Date): void {
  response.setHeader("Cache-Control", "public, immutable");
  response.setHeader("Expires", new Date(now.getTime() + YEAR_MS).toUTCString());
}

/** The first form that the client takes. With `@` is how kubectl asks up to 1.25; the answer never has it: it is no character of a media type. */
function formFor(accept: string | undefined, version: 2 | 3, forms: Forms): KeptBody {
  const protobuf = protobufType(version);
  const offers = [
    ["application/json", forms.json],
    [protobuf, forms.protobuf],
    [protobuf.replace(".v1.0", "@v1.0"), forms.protobuf],
  ] as const;
  for (const clause of parseAccept(accept)) {
    const found = offers.find(([type]) => takes(clause, type));
    if (found) return found[1]();
  }
  throw new StatusError("NotAcceptable", `only the following media types are accepted: application/json, ${protobuf}`);
}

const takes = ({ type }: Acceptable, offered: string): boolean =>
  type === offered || type === "*/*" || type === `${offered.split("/")[0]}/*`;
