import { StatusError } from "../../../api/errors.ts";
import { ConnectionError } from "../../../api/http/connection-error.ts";
import { explainServerErrors } from "../../../api/manifests/server-errors.ts";
import { Failure } from "../errors/failure.ts";
import { objectName } from "../text/name.ts";
import type { ManifestObject } from "./manifests.ts";

/** What the server refused, told with the file, line and field of the manifest; any other error as it is. */
export function explainRefusal(manifest: ManifestObject, error: unknown): unknown {
  if (!(error instanceof StatusError) || error instanceof ConnectionError || error.reason === "Unauthorized")
    return error;
  const lines = explainServerErrors(manifest, error).split("\n");
  const what = objectName(manifest.resource, manifest.object.metadata.name);
  const text = lines.length === 1 ? lines[0]! : `${what} is refused:\n${lines.map((one) => `  ${one}`).join("\n")}`;
  return new Failure(text, { label: `Error from server (${error.reason})`, cause: error });
}
