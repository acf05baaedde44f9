import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ipVersion } from "../../lib/ip-version.ts";
import { administrator } from "../authentication/identity.ts";
import type { ClientRequest } from "./client-request.ts";
import type { Issuer, KeyPair } from "./issue.ts";
import { readIfThere, removeUnfinished, writePrivateFile } from "./private-file.ts";

/** What the API server shows and trusts. All PEM. */
export interface Certificates {
  /** The only authority whose client certificates are accepted. */
  ca: string;
  server: KeyPair;
  /** O=system:masters, CN=wctl-admin: the local administrator. */
  admin: KeyPair;
  /** What had to be made just now; empty when everything was there and good. */
  issued: readonly ("ca" | "server" | "admin")[];
}

export interface CertificateOptions {
  /** The data directory; the files go to its `pki` folder (0700, keys 0600). */
  directory: string;
  /** Where the server will listen: a name or an address. */
  host: string;
  /** The wall clock. */
  now: Date;
}

const DAY = 86_400_000;
/** Certificates begin a day early, so that a clock a little behind does not refuse them. */
const SKEW = DAY;
const CA_LIFE = 3652 * DAY;
const LEAF_LIFE = 397 * DAY;
/** A leaf with less left than this is made anew. */
const RENEW_BEFORE = 30 * DAY;

/**
 * Loads what is good and makes what is missing, damaged, not valid now, close to its end, or lacks a name. Cheap when all is good, so
 * it may be called again at any time: that is the renewal, and what heals a clock that jumped by years. A new authority makes
 * earlier kubeconfigs useless; that happens only when the old one is unusable or gone.
 */
export async function ensureCertificates({ directory, host, now }: CertificateOptions): Promise<Certificates> {
  const folder = join(directory, "pki");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await stat(folder)).mode & 0o077) await chmod(folder, 0o700);
  for (const name of ["ca", "server", "admin"])
    for (const part of ["key", "crt"]) await removeUnfinished(join(folder, `${name}.${part}`));
  const issued: ("ca" | "server" | "admin")[] = [];
  const keep = async (
    name: "ca" | "server" | "admin",
    good: (pair: KeyPair) => boolean,
    make: () => Promise<KeyPair>,
  ) => {
    const found = await loadPair(folder, name);
    if (found && good(found)) return found;
    const made = await make();
    await writePrivateFile(join(folder, `${name}.key`), made.key);
    await writePrivateFile(join(folder, `${name}.crt`), made.cert);
    issued.push(name);
    return made;
  };
  const { ca, server, admin } = requests(host, now);
  const authority = await keep(
    "ca",
    (pair) => usable(pair, now),
    () => issue(ca),
  );
  const issuer: Issuer = { certificate: new X509Certificate(authority.cert), key: createPrivateKey(authority.key) };
  const good = (pair: KeyPair): boolean => usable(pair, now) && issuedBy(pair, issuer);
  return {
    ca: authority.cert,
    server: await keep(
      "server",
      (pair) => good(pair) && coversAll(pair, server.use.server),
      () => issue(server, issuer),
    ),
    admin: await keep("admin", good, () => issue(admin, issuer)),
    issued,
  };
}

/** A certificate for a client, signed by the authority that is there. Rejects when there is none. */
export async function issueClient(
  directory: string,
  { user, groups, seconds }: ClientRequest,
  now: Date,
): Promise<KeyPair> {
  const authority = await loadPair(join(directory, "pki"), "ca");
  if (!authority) throw new Error("there is no authority to sign certificates with");
  const issuer: Issuer = { certificate: new X509Certificate(authority.cert), key: createPrivateKey(authority.key) };
  const notAfter = new Date(now.getTime() + seconds * 1000);
  const subject = { organizations: groups, commonName: user };
  return await issue({ subject, notBefore: new Date(now.getTime() - SKEW), notAfter, use: { client: true } }, issuer);
}

/** The names a client may call the server by. A wildcard address names nothing. */
export function serverNames(host: string): string[] {
  const bare = host.replace(/^\[|\]$/g, "");
  const names = ["localhost", "127.0.0.1", "::1", hostname(), ...(["0.0.0.0", "::", ""].includes(bare) ? [] : [bare])];
  return [
    ...new Set(names.filter((name) => ipVersion(name) > 0 || /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/i.test(name))),
  ];
}

function requests(host: string, now: Date) {
  const from = new Date(now.getTime() - SKEW);
  const until = (life: number): Date => new Date(now.getTime() + life);
  return {
    ca: {
      subject: { commonName: `wctl-ca-${now.getTime()}` },
      notBefore: from,
      notAfter: until(CA_LIFE),
      use: { ca: true },
    },
    server: {
      subject: { commonName: "wctld" },
      notBefore: from,
      notAfter: until(LEAF_LIFE),
      use: { server: serverNames(host) },
    },
    admin: {
      subject: { organizations: ["system:masters"], commonName: administrator.name },
      notBefore: from,
      notAfter: until(LEAF_LIFE),
      use: { client: true },
    },
  } as const;
}

/** Loaded only when something must be made. */
async function issue(request: Parameters<typeof import("./issue.ts").issueCertificate>[0], issuer?: Issuer) {
  const { issueCertificate } = await import("./issue.ts");
  return issueCertificate(request, issuer);
}

async function loadPair(folder: string, name: string): Promise<KeyPair | undefined> {
  const cert = await readIfThere(join(folder, `${name}.crt`));
  const key = await readIfThere(join(folder, `${name}.key`));
  return cert !== undefined && key !== undefined ? { cert, key } : undefined;
}

/** The two files belong together and are valid now, and for a while yet. */
function usable(pair: KeyPair, now: Date): boolean {
  try {
    const certificate = new X509Certificate(pair.cert);
    const left = Date.parse(certificate.validTo) - now.getTime();
    return (
      certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
      Date.parse(certificate.validFrom) <= now.getTime() &&
      left > RENEW_BEFORE
    );
  } catch {
    return false; // Damaged files are as good as none.
  }
}

const issuedBy = (pair: KeyPair, issuer: Issuer): boolean =>
  new X509Certificate(pair.cert).verify(issuer.certificate.publicKey);

function coversAll(pair: KeyPair, names: readonly string[]): boolean {
  const certificate = new X509Certificate(pair.cert);
  return names.every(
    (name) => (ipVersion(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined,
  );
}
