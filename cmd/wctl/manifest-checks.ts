import type { StatusError } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";

/** What the verbs want of the API server's checks, where no server is asked. The daemon's side provides them. */
export interface ManifestChecks {
  /** What a server would say of this new object; undefined for a kind that it does not store. */
  check(object: KubeObject): { refusal?: Pick<StatusError, "message" | "details">; warnings: string[] } | undefined;
}
