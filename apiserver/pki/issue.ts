import { createHash, generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { ipVersion } from "../../lib/ip-version.ts";
import {
  bitString,
  bool,
  type Der,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";

export interface KeyPair {
  /** PEM. */
  cert: string;
  /** PEM, PKCS #8. */
  key: string;
}

export interface Issuer {
  certificate: X509Certificate;
  key: KeyObject;
}

export interface CertificateRequest {
  subject: { organizations?: readonly string[]; commonName: string };
  notBefore: Date;
  notAfter: Date;
  /** What the certificate is good for; exactly one. */
  use: { ca: true } | { server: readonly string[] } | { client: true };
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));
const serverAuth = oid("1.3.6.1.5.5.7.3.1");
const clientAuth = oid("1.3.6.1.5.5.7.3.2");
const makeKeys = promisify(generateKeyPair);

/** Makes a P-256 key and a certificate for it (RFC 5280), signed by `issuer`, or by itself when there is none. */
export async function issueCertificate(request: CertificateRequest, issuer?: Issuer): Promise<KeyPair> {
  const { privateKey, publicKey } = await makeKeys("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const subject = nameOf(request.subject);
  const signerKey = issuer?.key ?? privateKey;
  const signerSpki = issuer ? issuer.certificate.publicKey.export({ type: "spki", format: "der" }) : spki;
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer ? subjectOf(issuer.certificate) : subject,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    spki,
    explicit(3, sequence(...extensionsOf(request, keyId(spki), keyId(signerSpki)))),
  );
  const der = sequence(body, ecdsaWithSha256, bitString(sign("sha256", body, signerKey)));
  return {
    cert: new X509Certificate(der).toString(),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function nameOf(subject: CertificateRequest["subject"]): Der {
  const part = (type: string, value: string): Der => set(sequence(oid(type), utf8String(value)));
  return sequence(
    ...(subject.organizations ?? []).map((one) => part("2.5.4.10", one)),
    part("2.5.4.3", subject.commonName),
  );
}

/** Our own issuers carry a common name only. */
const subjectOf = (certificate: X509Certificate): Der =>
  nameOf({ commonName: certificate.subject.replace(/^CN=/, "") });

const keyId = (spki: Uint8Array): Buffer => createHash("sha256").update(spki).digest().subarray(0, 20);

function extensionsOf(request: CertificateRequest, own: Buffer, authority: Buffer): Der[] {
  const extension = (id: string, critical: boolean, value: Der): Der =>
    sequence(oid(id), ...(critical ? [bool(true)] : []), octetString(value));
  const keyUsage = (bits: number, unused: number): Der =>
    extension("2.5.29.15", true, bitString(Buffer.from([bits]), unused));
  const identifiers = [
    extension("2.5.29.14", false, octetString(own)),
    extension("2.5.29.35", false, sequence(implicit(0, authority))),
  ];
  if ("ca" in request.use) {
    return [extension("2.5.29.19", true, sequence(bool(true))), keyUsage(0b0000_0110, 1), ...identifiers];
  }
  const leaf = [extension("2.5.29.19", true, sequence()), keyUsage(0b1000_0000, 7), ...identifiers];
  if ("client" in request.use) return [...leaf, extension("2.5.29.37", false, sequence(clientAuth))];
  const names = request.use.server.map((host) =>
    ipVersion(host) ? implicit(7, ipBytes(host)) : implicit(2, ascii(host)),
  );
  return [
    ...leaf,
    extension("2.5.29.37", false, sequence(serverAuth)),
    extension("2.5.29.17", false, sequence(...names)),
  ];
}

const ascii = (host: string): Buffer => Buffer.from(host, "latin1");

function ipBytes(address: string): Buffer {
  if (ipVersion(address) === 4) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes any spelling of an IPv6 address in its canonical form, without dotted quads.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const groups = (text: string | undefined): string[] => (text ? text.split(":") : []);
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = tail === undefined ? groups(head) : [...groups(head), ...Array(missing).fill("0"), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
