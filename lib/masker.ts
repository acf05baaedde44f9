/** Shorter values hide nothing that cannot be guessed, and masking them would make every sentence unreadable. */
const LEAST = 4;
/** For lines of a longer value, such as a key: shorter lines are brackets and words that everybody uses. */
const LEAST_LINE = 8;
/** Shorter pieces of base64 occur by chance. */
const LEAST_PIECE = 6;

/** Messages are shorter than this, so the beginning stands for a longer value. */
const LONGEST = 16 * 1024;
/** With more forms, the search would hold up everybody: then nothing is shown at all. */
const MOST_FORMS = 50_000;

const HIDDEN = "***";
const BASE64 = /[A-Za-z0-9+/_=-]/;

/** How a value may stand in a text. */
interface Form {
  text: string;
  /** Masks what was encoded together with it, as in `user:password`, too. */
  encoded?: true;
}

/**
 * Hides values in texts of others. It finds them as they are, without blanks at their ends, each line of a longer one, in JSON, in URLs, in base64
 * (also inside of something longer), in hexadecimal and in UTF-16; also their beginning at the end of a text that was cut, or before the note of how much was left out. It does not look for
 * values of fewer than four characters. Texts may have up to 10 KiB.
 */
export class Masker {
  readonly #forms: readonly Form[];

  constructor(values: Iterable<string>) {
    const forms = new Map<string, Form>();
    for (const value of values) for (const form of formsOf(value)) forms.set(form.text, form);
    this.#forms = [...forms.values()];
  }

  mask(text: string): string {
    if (this.#forms.length > MOST_FORMS) return HIDDEN;
    let masked = "";
    let from = 0;
    const cuts = cutsOf(text);
    const rangesOf = (form: Form): Range[] => [...found(text, form), ...cuts.flatMap((at) => cut(text, at, form))];
    for (const [start, end] of merged(this.#forms.flatMap(rangesOf))) {
      masked += text.slice(from, start) + HIDDEN;
      from = end;
    }
    return from === 0 ? text : masked + text.slice(from);
  }
}

function formsOf(value: string): Form[] {
  const whole = [value, value.trim()].map((one) => one.slice(0, LONGEST)).filter((one) => one.trim().length >= LEAST);
  const lines = value.split(/\r?\n|\r/).map((line) => line.trim());
  const telling = lines.length > 1 ? lines.filter((line) => line.length >= LEAST_LINE) : [];
  return [...[...new Set(whole)].flatMap(encodingsOf), ...telling.map((text) => ({ text }))];
}

function encodingsOf(value: string): Form[] {
  const bytes = Buffer.from(value);
  const hexadecimal = bytes.toString("hex");
  const texts = [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    hexadecimal,
    hexadecimal.toUpperCase(),
    [...value].join("\0"),
  ];
  const pieces = [0, 1, 2].map((before) => piece(bytes, before)).filter((one) => one.length >= LEAST_PIECE);
  const base64 = [bytes.toString("base64"), ...pieces];
  const encoded = base64.flatMap((one) => [one, one.replaceAll("+", "-").replaceAll("/", "_")]);
  return [...texts.map((text): Form => ({ text })), ...encoded.map((text): Form => ({ text, encoded: true }))];
}

/** The characters of base64 that are the same whatever else is encoded around the value, when `before` bytes of a group precede it. */
function piece(bytes: Buffer, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const encoded = whole.toString("base64").replace(/=+$/, "");
  const last = whole.length % 3 === 0 ? 0 : 1;
  return encoded.slice(Math.ceil((before * 4) / 3), encoded.length - last);
}

type Range = [start: number, end: number];

function found(text: string, { text: form, encoded }: Form): Range[] {
  const ranges: Range[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    let [start, end] = [at, at + form.length];
    if (encoded) {
      while (start > 0 && BASE64.test(text[start - 1] ?? "")) start--;
      while (end < text.length && BASE64.test(text[end] ?? "")) end++;
      at = end - 1;
    }
    ranges.push([start, end]);
  }
  return ranges;
}

/** How much was left out of an output that was kept up to a limit: what is before it was cut. The last one, which no program has written. */
const LEFT_OUT = /^[\s\S]*(?=\n\[\d+ more bytes\])/;

/** Where words of somebody else may have been cut. */
const cutsOf = (text: string): number[] => {
  const before = LEFT_OUT.exec(text)?.[0].length;
  return before === undefined ? [text.length] : [before, text.length];
};

/** A text that is kept up to a limit may end within the value, and within a character. */
function cut(text: string, at: number, { text: form }: Form): Range[] {
  let end = at;
  while (text[end - 1] === "\ufffd") end--;
  for (let length = Math.min(form.length - 1, end); length >= LEAST; length--) {
    if (text.startsWith(form.slice(0, length), end - length)) return [[end - length, at]];
  }
  return [];
}

function merged(ranges: Range[]): Range[] {
  const all: Range[] = [];
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else all.push([start, end]);
  }
  return all;
}
