import type { Context } from "../../command/command.ts";
import { painter } from "../../text/colour.ts";
import { LineSplitter } from "../../text/line-splitter.ts";
import { plain } from "../../text/plain.ts";
import { TerminalText } from "../../text/terminal-text.ts";

const LINE_FEED = 0x0a;

/** Prints one log: bytes as they are, or for people at a terminal and behind a prefix in whole lines. */
export class LogPrinter {
  readonly #context: Pick<Context, "out">;
  readonly #prefix: () => string;
  #lines: LineSplitter | undefined;
  /** The last byte that went out as it was. */
  #last = LINE_FEED;

  /** `prefix`: before each line, asked each time; empty for none. */
  constructor(context: Pick<Context, "out">, prefix: () => string) {
    this.#context = context;
    this.#prefix = prefix;
  }

  async print(bytes: Uint8Array): Promise<void> {
    const { out } = this.#context;
    const prefix = this.#prefix();
    if (prefix === "" && !out.isTTY && !this.#lines) {
      this.#last = bytes.at(-1) ?? this.#last;
      await out.write(bytes);
      return;
    }
    this.#lines ??= this.#splitter();
    const whole = this.#lines.push(bytes);
    if (whole.length > 0) await out.write(whole.map((line) => prefix + line).join(""));
  }

  /** The last line has no end, and what comes next is another's. */
  async endLine(): Promise<void> {
    const { out } = this.#context;
    const rest = this.#lines?.end() ?? "";
    this.#lines = undefined;
    if (rest !== "") await out.write(`${this.#prefix()}${rest}\n`);
    else if (this.#last !== LINE_FEED) await out.write("\n");
    this.#last = LINE_FEED;
  }

  /** Nothing follows. */
  async end(): Promise<void> {
    const prefix = this.#prefix();
    const rest = this.#lines?.end() ?? "";
    this.#lines = undefined;
    if (rest !== "") await this.#context.out.write(prefix === "" ? rest : `${prefix}${rest}\n`);
  }

  /** Only a person at a terminal sees it. */
  async mark(text: string): Promise<void> {
    const { out } = this.#context;
    if (!out.isTTY) return;
    await this.endLine();
    await out.write(`${painter(out)("cyan", plain(text))}\n`);
  }

  #splitter(): LineSplitter {
    const { out } = this.#context;
    return new LineSplitter(out.isTTY ? new TerminalText({ colours: out.colours }) : undefined);
  }
}
