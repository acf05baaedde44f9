import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify<Buffer, Buffer>(gzip);

/** A body that is the same for everybody who asks: it is made once, compressed once, and known by its ETag. */
export class KeptBody {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** As the real server's, without the quotes: SHA-512 in capitals. */
  readonly hash: string;
  #compressed: Promise<Buffer> | undefined;

  constructor(contentType: string, body: string | Buffer) {
    this.contentType = contentType;
    this.bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
    this.hash = createHash("sha512").update(this.bytes).digest("hex").toUpperCase();
  }

  get etag(): string {
    return `"${this.hash}"`;
  }

  /** With gzip. */
  compressed(): Promise<Buffer> {
    this.#compressed ??= compress(this.bytes);
    return this.#compressed;
  }

  /** Does the client have it already? Judges its If-None-Match (RFC 9110, 13.1.2). */
  isKnownTo(ifNoneMatch: string | undefined): boolean {
    const known = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    return known.includes("*") || known.includes(this.etag);
  }
}
