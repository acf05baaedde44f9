import { hostname } from "node:os";
import { join } from "node:path";
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

/** The certificates in the data directory, and the kubeconfig of the administrator, which holds one of them. */
export class Credentials {
  readonly #options: Options;
  #certificates: Certificates | undefined;
  #url: string | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Reads the certificates, and makes or renews what is wanted; the kubeconfig follows at once. Rejects with what to look at. */
  async ensure(): Promise<Certificates> {
    const { dataDir, host, clock } = this.#options;
    try {
      const found = await ensureCertificates({ directory: dataDir, host, now: clock.wall() });
      this.#certificates = found;
      if (this.#url && found.issued.length > 0) await this.writeKubeconfig(this.#url);
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
    return kubeconfigOf(wanted.user, { host: hostname().toLowerCase(), server: this.#url ?? "", ca }, pair);
  }

  /** `url`: where the API answers. Resolves with the path of the kubeconfig. Call it when the certificates are there. */
  async writeKubeconfig(url: string): Promise<string> {
    this.#url = url;
    const { ca, admin } = this.#certificates!;
    const path = join(this.#options.dataDir, "admin.kubeconfig");
    await writeAdminKubeconfig({ path, host: hostname().toLowerCase(), server: url, ca, admin });
    return path;
  }
}
