import type { WriteContext } from "../registry/registry.ts";
import type { ResourceRequest } from "../router.ts";

/** Of a write. Logs are never written, and the Router knows it. */
export const subresourceOf = ({ subresource }: ResourceRequest): Pick<WriteContext, "subresource"> =>
  subresource === "status" || subresource === "scale" ? { subresource } : {};
