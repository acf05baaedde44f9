import { StatusError } from "../../api/errors.ts";
import type { HttpRequest } from "./carrier.ts";

type Headers = Pick<HttpRequest, "headers">;

/** Throws for headers that ask for something unsupported and must not be ignored. */
export function checkHeaders(request: Headers): void {
  const { expect } = request.headers;
  if (expect === undefined || expect.toLowerCase() === "100-continue") return;
  throw new StatusError("BadRequest", "the header Expect may say 100-continue only", { code: 417, details: {} });
}
