import { HttpsTransport } from "./https-transport.ts";
import { NotedTransport } from "./noted-transport.ts";
import { SshTransport } from "./ssh-transport.ts";
import type { GitRemote, TransportLimits } from "./transport.ts";

/** By the scheme of the URL. `sshFolder`: for the key while a session lasts. */
export function createTransport(remote: GitRemote, limits: TransportLimits, sshFolder: string): NotedTransport {
  const isSsh = remote.url.protocol === "ssh";
  return new NotedTransport(isSsh ? new SshTransport(remote, limits, sshFolder) : new HttpsTransport(remote, limits));
}
