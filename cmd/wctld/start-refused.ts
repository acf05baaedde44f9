/** The daemon does not start here. Its message has the ways on too, a line for each. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
  /** One word for programs. */
  readonly reason: string;
  readonly sentence: string;
  /** How to go on: a sentence with a command each. */
  readonly ways: readonly string[];

  constructor(reason: string, sentence: string, options: { ways?: readonly string[]; cause?: unknown } = {}) {
    const { ways = [], cause } = options;
    super(
      ways.length === 0 ? sentence : `${sentence}. ${ways.join("\n")}`,
      cause === undefined ? undefined : { cause },
    );
    this.reason = reason;
    this.sentence = sentence;
    this.ways = ways;
  }
}
