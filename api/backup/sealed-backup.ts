import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { isObject } from "../../lib/json-object.ts";
import { BackupNotUsable, MOST_BACKUP_BYTES } from "./backup.ts";

/** How a backup under a passphrase begins; nothing else does. */
const BEGINNING = '{"kind":"SealedBackup",';
const VERSION = 1;
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const TAG_BYTES = 16;

/** What scrypt costs (RFC 7914): 128 MiB and some tenths of a second for each guess. It is written down, so that a later version may ask for more. */
const USUAL_N = 2 ** 17;
const [R, P] = [8, 1];
/** A header cannot ask for more memory than four times that. */
const [LEAST_N, MOST_N] = [2 ** 10, 4 * USUAL_N];

/** The largest backup under a passphrase: the largest backup in base64, with its header. */
export const MOST_SEALED_BYTES = Math.ceil(MOST_BACKUP_BYTES / 3) * 4 + 1024;

interface Header {
  kind: "SealedBackup";
  version: number;
  n: number;
  r: number;
  p: number;
  /** In base64, as `nonce`. */
  salt: string;
  nonce: string;
}

/**
 * The backup as one that is read with the passphrase alone, and that nobody changes unseen. One JSON document, as the backup itself. `n`: how much a
 * guess costs; a power of two.
 */
export async function seal(backup: string, passphrase: Buffer, n = USUAL_N): Promise<string> {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const header: Header = {
    kind: "SealedBackup",
    version: VERSION,
    n,
    r: R,
    p: P,
    salt: salt.toString("base64"),
    nonce: nonce.toString("base64"),
  };
  const cipher = createCipheriv(CIPHER, await keyOf(passphrase, salt, n), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated(header));
  const content = Buffer.concat([cipher.update(backup, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `${JSON.stringify({ ...header, content: content.toString("base64") })}\n`;
}

/**
 * The backup that the text is or holds. Rejects with BackupNotUsable when a passphrase is missing or wrong, and when it was given for a backup that
 * has none: somebody may have put that in the place of another.
 */
export async function unseal(text: string, passphrase: Buffer | undefined): Promise<string> {
  if (!text.startsWith(BEGINNING)) {
    if (passphrase === undefined) return text;
    throw new BackupNotUsable(
      "it has no passphrase, so it may be another than you think; without --passphrase-file it is read",
    );
  }
  if (passphrase === undefined) throw new BackupNotUsable("it has a passphrase: name its file with --passphrase-file");
  const { header, salt, nonce, content } = read(text);
  const decipher = createDecipheriv(CIPHER, await keyOf(passphrase, salt, header.n), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated(header));
  decipher.setAuthTag(content.subarray(-TAG_BYTES));
  try {
    const begun = decipher.update(content.subarray(0, -TAG_BYTES));
    return Buffer.concat([begun, decipher.final()]).toString("utf8");
  } catch (error) {
    throw new BackupNotUsable("the passphrase is another one, or it was changed", { cause: error });
  }
}

function read(text: string): { header: Header; salt: Buffer; nonce: Buffer; content: Buffer } {
  const { content, ...header } = parse(text);
  const { version, n, r, p, salt, nonce } = header;
  if (version !== VERSION) {
    throw new BackupNotUsable(
      `the format of its passphrase is not ${VERSION}: use the wctl that made it, or a newer one`,
    );
  }
  const isCost =
    Number.isInteger(n) &&
    (n as number) >= LEAST_N &&
    (n as number) <= MOST_N &&
    Number.isInteger(Math.log2(n as number));
  if (!isCost || r !== R || p !== P) throw new BackupNotUsable("what it asks of scrypt is not what wctl asks");
  const bytes = [salt, nonce, content].map((one) => Buffer.from(typeof one === "string" ? one : "", "base64"));
  const [saltBytes, nonceBytes, contentBytes] = bytes as [Buffer, Buffer, Buffer];
  if (saltBytes.length !== 16 || nonceBytes.length !== 12 || contentBytes.length <= TAG_BYTES) {
    throw new BackupNotUsable("its fields are not those of a backup with a passphrase");
  }
  return { header: header as unknown as Header, salt: saltBytes, nonce: nonceBytes, content: contentBytes };
}

function parse(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    if (isObject(document)) return document;
  } catch (error) {
    throw new BackupNotUsable("it is damaged or cut off", { cause: error });
  }
  throw new BackupNotUsable("it is damaged or cut off");
}

/** Nobody can change what stands beside the content either. */
const associated = ({ kind, version, n, r, p, salt, nonce }: Header): Buffer =>
  Buffer.from(JSON.stringify([kind, version, n, r, p, salt, nonce]));

function keyOf(passphrase: Buffer, salt: Buffer, n: number): Promise<Buffer> {
  const options: ScryptOptions = { N: n, r: R, p: P, maxmem: 256 * n * R };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
