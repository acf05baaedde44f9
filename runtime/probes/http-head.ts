import { Malformed } from "./http-faults.ts";

/** So many characters are kept of a header that goes on over several lines. */
const LONGEST = 64 * 1024;
/** Nobody means more than that, and looking at each costs time. */
const MOST_LINES = 20_000;

/** What the head of an answer says about where it leads and how long it is. Other headers are checked, and not kept. */
export class ResponseHead {
  readonly status: number;
  readonly #isHttp10: boolean;
  /** The header that the next line may go on with. */
  #open: { name: string; value: string } | undefined;
  #lines = 0;
  #location: string | undefined;
  #length: string | undefined;
  #lengthsDiffer = false;
  #encodings: string[] = [];

  /** Reads a status line. */
  constructor(line: string) {
    const [, version = "", code = ""] = /^([^ ]*) +([^ ]*)/.exec(line) ?? [];
    if (version === "") throw new Malformed("malformed HTTP response");
    if (!/^\d{3}$/.test(code)) throw new Malformed("malformed HTTP status code");
    if (!/^HTTP\/\d\.\d$/.test(version)) throw new Malformed("malformed HTTP version");
    this.#isHttp10 = version === "HTTP/1.0" || version === "HTTP/0.9";
    this.status = Number(code);
  }

  get location(): string | undefined {
    return this.#location;
  }

  /** A line that begins with a blank goes on with the header before it. */
  add(line: string): void {
    if (++this.#lines > MOST_LINES) throw new Malformed(`more than ${MOST_LINES} header lines`);
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw new Malformed("malformed MIME header line");
    if (/^[ \t]/.test(line)) this.#goOn(line);
    else this.#begin(line);
  }

  /** How the body is sent; undefined: to the end of the connection. Called once, after the last line. */
  framing(): "none" | "chunked" | number | undefined {
    this.#close();
    if (!this.#isHttp10 && this.#encodings.length > 1) throw new Malformed("too many transfer encodings");
    const [encoding] = this.#isHttp10 ? [] : this.#encodings;
    if (encoding !== undefined && encoding.toLowerCase() !== "chunked") {
      throw new Malformed("unsupported transfer encoding");
    }
    // Beside chunks a length says nothing, not even a wrong one.
    const framing = encoding === undefined ? this.#bodyLength() : "chunked";
    return this.status === 101 || this.status === 204 || this.status === 304 ? "none" : framing;
  }

  #begin(line: string): void {
    this.#close();
    const colon = line.indexOf(":");
    if (colon < 0 || !/^[-!#$%&'*+.^_`|~0-9A-Za-z ]*$/.test(line.slice(0, colon))) {
      throw new Malformed("malformed MIME header line");
    }
    this.#open = { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
  }

  #goOn(line: string): void {
    if (!this.#open) throw new Malformed("malformed MIME header initial line");
    this.#open.value = `${this.#open.value} ${line.trim()}`.trim().slice(0, LONGEST);
  }

  #close(): void {
    const { name, value } = this.#open ?? {};
    if (value === undefined) return;
    if (name === "location") this.#location ??= value;
    if (name === "transfer-encoding" && this.#encodings.length < 2) this.#encodings.push(value);
    if (name !== "content-length") return;
    if (this.#length !== undefined && this.#length !== value) this.#lengthsDiffer = true;
    this.#length ??= value;
  }

  /** A length that is said more than once must be the same each time. */
  #bodyLength(): number | undefined {
    if (this.#lengthsDiffer) throw new Malformed("http: message cannot contain multiple Content-Length headers");
    const length = this.#length;
    if (length === undefined) return undefined;
    if (!/^\d{1,19}$/.test(length) || BigInt(length) >= 1n << 63n) throw new Malformed("bad Content-Length");
    return Number(length);
  }
}
