import { StatusError } from "../../api/errors.ts";
import type { HttpRequest } from "./carrier.ts";

type Headers = Pick<HttpRequest, "rawHeaders" | "headers">;

/** Throws for headers that ask for something unsupported and must not be ignored. */
export function checkHeaders(request: Headers): void {
  refuseImpersonation(request);
  const { expect } = request.headers;
  if (expect === undefined || expect.toLowerCase() === "100-continue") return;
  throw new StatusError("BadRequest", "the header Expect may say 100-continue only", { code: 417, details: {} });
}

/**
 * Impersonation (`kubectl --as`). There are no roles yet that could allow it, and if we ignored the header, the request would do with the
 * caller's own rights what the caller meant to try with fewer. Every header of the family is refused, known or not.
 */
function refuseImpersonation({ rawHeaders }: Headers): void {
  const found = rawHeaders.find((text, index) => index % 2 === 0 && /^impersonate-/i.test(text));
  if (found === undefined) return;
  throw new StatusError(
    "Forbidden",
    `forbidden: impersonation is not supported here: send the request without the header ${found} (kubectl: without --as, --as-group, --as-uid and without as in the kubeconfig's user)`,
    { details: {} },
  );
}
