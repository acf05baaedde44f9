import { StatusError } from "../../api/errors.ts";
import { ipVersion } from "../../lib/ip-version.ts";
import type { HttpRequest } from "./carrier.ts";

/**
 * Refuses what a web page could make a browser send here: a Host that is not one of our names (DNS rebinding; addresses cannot be
 * rebound), and any Origin but our own. Throws Forbidden.
 */
export function checkHost(request: HttpRequest, names: ReadonlySet<string>): void {
  const host = hostOf(request);
  if (host === undefined) throw refused("the Host header is missing, doubled or malformed");
  if (!ipVersion(host) && !names.has(host))
    throw refused(`the Host ${JSON.stringify(host)} is not a name of this server`);
  const origin = request.headers.origin;
  if (origin !== undefined && origin.toLowerCase() !== `https://${request.headers.host?.toLowerCase()}`) {
    throw refused("requests from web pages of another origin are not accepted");
  }
}

/** Without port and brackets, in lower case. */
function hostOf(request: HttpRequest): string | undefined {
  const count = request.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host").length;
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(request.headers.host ?? "");
  return count === 1 ? (found?.[1] ?? found?.[2])?.toLowerCase().replace(/\.$/, "") : undefined;
}

const refused = (why: string): StatusError => new StatusError("Forbidden", `forbidden: ${why}`, { details: {} });
