import { certificateEnd, DOOR_EXTENSION, type DoorAddress } from "../../api/http/door/door-address.ts";
import type { KeyPair } from "./issue.ts";
import { readIfThere, writePrivateFile } from "./private-file.ts";

export interface AdminKubeconfig {
  /** Where to write it: `DIR/admin.kubeconfig`. */
  path: string;
  /** The name of this machine, and of the context, the cluster and, after `admin@`, the user: files of several machines can be merged. */
  host: string;
  /** As in `https://127.0.0.1:7443`. */
  server: string;
  /** PEM. */
  ca: string;
  admin: KeyPair;
  /** Named beside the address, for those who are on this machine. */
  door?: DoorAddress;
}

/** For somebody else: `user`, in the place of the administrator. */
export const kubeconfigOf = (
  user: string,
  { host, server, ca }: Pick<AdminKubeconfig, "host" | "server" | "ca">,
  pair: KeyPair,
) => render({ host, server, ca, user, pair });

/** Writes the kubeconfig of the local administrator (0600, whole or not at all), only when it changed. Resolves with whether it did. */
export async function writeAdminKubeconfig(config: AdminKubeconfig): Promise<boolean> {
  const { host, server, ca, admin, door } = config;
  const text = render({ host, server, ca, user: "admin", pair: admin, ...(door ? { door } : {}) });
  if ((await readIfThere(config.path)) === text) return false;
  await writePrivateFile(config.path, text);
  return true;
}

const base64 = (pem: string): string => Buffer.from(pem, "utf8").toString("base64");

interface Shown extends Pick<AdminKubeconfig, "host" | "server" | "ca" | "door"> {
  user: string;
  pair: KeyPair;
}

// JSON strings are YAML strings: nothing in a URL or a name can break out of one.
const render = ({ host, server, ca, user, pair, door }: Shown): string => `apiVersion: v1
kind: Config
clusters:
- name: ${JSON.stringify(host)}
  cluster:
    server: ${JSON.stringify(server)}
    certificate-authority-data: ${base64(ca)}
users:
- name: ${JSON.stringify(`${user}@${host}`)}
  user:
    client-certificate-data: ${base64(pair.cert)}
    client-key-data: ${base64(pair.key)}
contexts:
- name: ${JSON.stringify(host)}
  context:
    cluster: ${JSON.stringify(host)}
    user: ${JSON.stringify(`${user}@${host}`)}
${door ? extensionOf(door, server, pair) : ""}current-context: ${JSON.stringify(host)}
`;

const extensionOf = (door: DoorAddress, server: string, { cert }: KeyPair): string => `    extensions:
    - name: ${DOOR_EXTENSION}
      extension:
${Object.entries({ ...door, server, certificateEnd: certificateEnd(cert) })
  .map(([field, value]) => `        ${field}: ${JSON.stringify(value)}\n`)
  .join("")}`;
