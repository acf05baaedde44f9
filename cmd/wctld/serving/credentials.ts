import { hostname } from "node:os";
import { join } from "node:path";
import type { DoorAddress } from "../../../api/http/door/door-address.ts";
import { kubeconfigOf, writeAdminKubeconfig } from "../../../apiserver/pki/admin-kubeconfig.ts";
import { type Certificates, ensureCertificates, issueClient } from "../../../apiserver/pki/certificates.ts";
import type { ClientRequest } from "../../../apiserver/pki/client-request.ts";
import type { Clock } from "../../../lib/clock.ts";

interface Options {
  dataDir: string;
  /** Where the API listens. */
  host: string;
  clock: Clock;
}

/** Where the API answers. */
interface Served {
  url: string;
  door: DoorAddress | undefined;
}

/** The certificates in the data directory, and the kubeconfig of the administrator, which holds one of them. */
export class Credentials {
  readonly #options: Options;
  #certificates: Certificates | undefined;
  #served: Served | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Reads the certificates, and makes or renews what is wanted; the kubeconfig follows at once. Rejects with what to look at. */
  async ensure(): Promise<Certificates> {
    const { dataDir, host, clock } = this.#options;
    try {
      const found = await ensureCertificates({ directory: dataDir, host, now: clock.wall() });
      this.#certificates = found;
      if (this.#served && found.issued.length > 0) await this.writeKubeconfig(this.#served);
      return found;
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`the certificates in ${join(dataDir, "pki")} can't be read or made: ${message}`, {
        cause: error,
      });
    }
  }

  /** For somebody else: where the API answers, and a certificate in his name. */
  async kubeconfigFor(wanted: ClientRequest): Promise<string> {
    const { dataDir, clock } = this.#options;
    const pair = await issueClient(dataDir, wanted, clock.wall());
    const { ca } = this.#certificates!;
    return kubeconfigOf(wanted.user, { host: hostname().toLowerCase(), server: this.#served?.url ?? "", ca }, pair);
  }

  /** Resolves with the path of the kubeconfig. Call it when the certificates are there. */
  async writeKubeconfig(served: Served): Promise<string> {
    this.#served = served;
    const { ca, admin } = this.#certificates!;
    const path = join(this.#options.dataDir, "admin.kubeconfig");
    const { url: server, door } = served;
    await writeAdminKubeconfig({ path, host: hostname().toLowerCase(), server, ca, admin, ...(door ? { door } : {}) });
    return path;
  }
}
