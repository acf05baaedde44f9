import { renameSync } from "node:fs";
import { execa } from "execa";

export interface Signing {
  /** PKCS #12 with the certificate and its key. */
  certificate: string;
  /** A file, because every user can see a password on a command line. */
  passwordFile: string;
  /** RFC 3161; absent: the signature ends with the certificate. */
  timestampUrl?: string;
}

/** From SIGNING_CERTIFICATE_FILE, SIGNING_PASSWORD_FILE and SIGNING_TIMESTAMP_URL; undefined: not to be signed. Throws when only one is named. */
export function signingOf(env: NodeJS.ProcessEnv): Signing | undefined {
  const { SIGNING_CERTIFICATE_FILE, SIGNING_PASSWORD_FILE, SIGNING_TIMESTAMP_URL } = env;
  if (!SIGNING_CERTIFICATE_FILE && !SIGNING_PASSWORD_FILE) return undefined;
  if (!SIGNING_CERTIFICATE_FILE || !SIGNING_PASSWORD_FILE) {
    throw new Error("to sign, set both SIGNING_CERTIFICATE_FILE (PKCS #12) and SIGNING_PASSWORD_FILE");
  }
  return {
    certificate: SIGNING_CERTIFICATE_FILE,
    passwordFile: SIGNING_PASSWORD_FILE,
    ...(SIGNING_TIMESTAMP_URL && { timestampUrl: SIGNING_TIMESTAMP_URL }),
  };
}

/** Signs a program or an installer in place with osslsigncode (https://github.com/mtrojnar/osslsigncode). */
export async function sign(file: string, { certificate, passwordFile, timestampUrl }: Signing): Promise<void> {
  const signed = `${file}.signed`;
  const time = timestampUrl === undefined ? [] : ["-ts", timestampUrl];
  const who = ["-pkcs12", certificate, "-readpass", passwordFile, "-n", "wctl", ...time];
  await execa("osslsigncode", ["sign", "-h", "sha256", ...who, "-in", file, "-out", signed], { all: true });
  renameSync(signed, file);
}
