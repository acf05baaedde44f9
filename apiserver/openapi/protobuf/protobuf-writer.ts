/** One or more fields of a message in the protobuf wire format, still to be written. */
export type Field = (writer: Writer) => void;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

const FIRST_BYTES = 64 * 1024;

/** From the end to the beginning: what is inside a message is there when its length is written before it, and nothing is copied. */
class Writer {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** Where the first written byte is, counted from the end. */
  size = 0;

  bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#buffer.length - this.size));
  }

  text(value: string): void {
    const at = this.#room(Buffer.byteLength(value));
    this.#buffer.write(value, at, "utf8");
  }

  double(value: number): void {
    this.#buffer.writeDoubleLE(value, this.#room(8));
  }

  /** For whole numbers that are not negative. */
  varint(value: number): void {
    let length = 1;
    for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++;
    const at = this.#room(length);
    let rest = value;
    for (let index = 0; index < length; index++, rest = Math.floor(rest / 0x80))
      this.#buffer[at + index] = (rest % 0x80) | (index < length - 1 ? 0x80 : 0);
  }

  tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  /** Where so many bytes before all others begin. */
  #room(length: number): number {
    this.size += length;
    if (this.size > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.size, 2 * this.#buffer.length));
      this.#buffer.copy(grown, grown.length - this.#buffer.length);
      this.#buffer = grown;
    }
    return this.#buffer.length - this.size;
  }
}

export function bytesOf(field: Field): Buffer {
  const writer = new Writer();
  field(writer);
  return writer.bytes();
}

/** These, one after the other: a message is its fields. */
export const message =
  (...fields: readonly (Field | undefined)[]): Field =>
  (writer) => {
    for (const field of fields.toReversed()) field?.(writer);
  };

/** A message, or a text, within another. */
export const nested =
  (field: number, value: Field | string): Field =>
  (writer) => {
    const end = writer.size;
    if (typeof value === "string") writer.text(value);
    else value(writer);
    writer.varint(writer.size - end);
    writer.tag(field, DELIMITED);
  };

export const whole =
  (field: number, value: number): Field =>
  (writer) => {
    writer.varint(value);
    writer.tag(field, VARINT);
  };

export const flag = (field: number, value: boolean): Field => whole(field, value ? 1 : 0);

export const double =
  (field: number, value: number): Field =>
  (writer) => {
    writer.double(value);
    writer.tag(field, FIXED64);
  };
