import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCertificate } from "../../apiserver/pki/issue.ts";
import { GitRepo } from "./git-repo.ts";
import { GitServer } from "./git-server.ts";

export interface GitFixture {
  close(): Promise<void>;
  root: string;
  repo: GitRepo;
  server: GitServer;
  /** PEM of the server's authority. */
  ca: string;
  /** The server's own. */
  identity: { key: string; cert: string };
}

/** A repository, and a git server for it whose certificate is signed by an authority of its own. */
export async function gitFixture({ credentials }: { credentials?: string } = {}): Promise<GitFixture> {
  const root = mkdtempSync(join(tmpdir(), "wctl-git-"));
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const ca = await issueCertificate({ subject: { commonName: "git test CA" }, ...validity, use: { ca: true } });
  const issuer = { certificate: new X509Certificate(ca.cert), key: createPrivateKey(ca.key) };
  const names = { server: ["localhost", "127.0.0.1"] };
  const own = await issueCertificate({ subject: { commonName: "localhost" }, ...validity, use: names }, issuer);
  const repo = new GitRepo(join(root, "served"));
  const options = { root: join(root, "served"), key: own.key, cert: own.cert, ...(credentials ? { credentials } : {}) };
  const server = await GitServer.start(options);
  return {
    root,
    repo,
    server,
    ca: ca.cert,
    identity: { key: own.key, cert: own.cert },
    async close() {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
