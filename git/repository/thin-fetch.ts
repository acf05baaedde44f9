import type { HttpClient } from "isomorphic-git";
import { joined } from "../transport/joined.ts";
import type { Transport, TransportRequest } from "../transport/transport.ts";

const LENGTH_DIGITS = 4;
/** What the library asks for, which it does not say of packs that lean on older ones, though it reads them. */
const KNOWN = " ofs-delta";
const HAVE = /[0-9a-f]{4}have [0-9a-f]{40}/;
const THIN = `${KNOWN} thin-pack`;

/**
 * Asks for packs that lean on objects which are here already: of a shallow copy a server leaves nothing out otherwise, and sends every file again. What
 * leans on something that is damaged here is missed when it is read, and fetched anew.
 */
export const thinFetch = (transport: Transport): HttpClient => ({
  request: async (request) =>
    transport.request({ ...request, ...(request.body && { body: await thinned(request.body) }) }),
});

async function thinned(body: NonNullable<TransportRequest["body"]>): Promise<Uint8Array[]> {
  const bytes = await joined(body);
  const request = bytes.toString("latin1");
  const length = Number.parseInt(request.slice(0, LENGTH_DIGITS), 16);
  const first = request.slice(LENGTH_DIGITS, length);
  const others = request.slice(length);
  if (!first.startsWith("want ") || !HAVE.test(others)) return [bytes];
  const line = first.replace(KNOWN, THIN);
  const digits = (line.length + LENGTH_DIGITS).toString(16).padStart(LENGTH_DIGITS, "0");
  return [Buffer.from(digits + line + others, "latin1")];
}
