import { basename, isAbsolute } from "node:path";
import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { certificateEnd, DOOR_EXTENSION, DOOR_SOCKET, type DoorAddress, pipePath } from "../http/door/door-address.ts";
import type { Endpoint } from "../http/transport.ts";
import { KubeconfigError } from "./format.ts";

/**
 * The local door that a context names, if it is the door of this server and for this certificate. A file in which either was changed since the daemon
 * wrote it means something else: then it is as if there were none. Throws KubeconfigError for what no daemon has written.
 */
export function doorOf(context: JsonObject, { server, cert }: Endpoint): DoorAddress | undefined {
  const extensions = Array.isArray(context.extensions) ? context.extensions : [];
  const found: unknown = extensions.find((one) => isObject(one) && one.name === DOOR_EXTENSION)?.extension;
  if (!isObject(found) || typeof cert !== "string") return undefined;
  if (found.server !== server || found.certificateEnd !== certificateEnd(cert)) return undefined;
  const { socket, pipe } = found;
  if (typeof pipe === "string" && pipePath(pipe) !== undefined) return { pipe };
  if (typeof socket === "string" && isAbsolute(socket) && basename(socket) === DOOR_SOCKET) return { socket };
  throw new KubeconfigError(
    `the kubeconfig's context has an extension ${DOOR_EXTENSION} without the whole path of a ${DOOR_SOCKET}, or the name of a pipe that only administrators can make: remove it, or take the file of the daemon anew`,
  );
}
