import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptOf,
  answerToClose,
  closeCodes,
  frameOf,
  LONGEST_MESSAGE,
  opcodes,
  WebSocketError,
  WebSocketReader,
} from "../../../apiserver/websocket/frames.ts";
import { masked } from "../exec/websocket-client.ts";

const { continuation, text, binary, ping, close } = opcodes;
const shown = (messages: { opcode: number; data: Buffer }[]) =>
  messages.map(({ opcode, data }) => [opcode, data.toString()]);

describe("frames of a WebSocket", () => {
  it("prove their server as in the example of RFC 6455", () => {
    assert.equal(acceptOf("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  it("are read whatever pieces they come in, with control messages between", () => {
    const bytes = Buffer.concat([
      masked(binary, Buffer.from("one")),
      masked(binary, Buffer.from("be"), { isLast: false }),
      masked(ping, Buffer.from("p")),
      masked(continuation, Buffer.from("")),
      masked(text, Buffer.from("")),
    ]);
    // An empty continuation is the last one of its message: isLast is true.
    const expected = [
      [binary, "one"],
      [ping, "p"],
      [binary, "be"],
      [text, ""],
    ];
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const reader = new WebSocketReader();
      const messages = [];
      for (let at = 0; at < bytes.length; at += size) messages.push(...reader.push(bytes.subarray(at, at + size)));
      assert.deepEqual(shown(messages), expected, `in pieces of ${size}`);
    }
  });

  it("are of every length", () => {
    for (const length of [0, 125, 126, 65_535, 65_536, LONGEST_MESSAGE]) {
      const data = Buffer.alloc(length, 7);
      const [message] = new WebSocketReader().push(masked(binary, data));
      assert.ok(message?.data.equals(data), `${length}`);
      assert.deepEqual(
        frameOf(binary, [data.subarray(0, 1), data.subarray(1)]).subarray(-length || Number.POSITIVE_INFINITY),
        data,
      );
    }
  });

  it("answer a close with its code, or with what is wrong with it", () => {
    const said = (code: number, reason: Uint8Array = Buffer.from("bye")): number => {
      const data = Buffer.concat([Buffer.alloc(2), reason]);
      data.writeUInt16BE(code);
      return answerToClose(data);
    };
    assert.equal(answerToClose(Buffer.alloc(0)), closeCodes.normal);
    for (const code of [1000, 1001, 1011, 3000, 4999]) assert.equal(said(code), code);
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535])
      assert.equal(said(code), closeCodes.protocolError, `${code}`);
    assert.equal(answerToClose(Buffer.of(3)), closeCodes.protocolError, "half a code");
    assert.equal(said(1000, Buffer.from([0xff, 0xfe])), closeCodes.notText);
  });

  const unmasked = frameOf(binary, [Buffer.from("x")]);
  const with1 = (bytes: Buffer, index: number, value: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[index] = value;
    return copy;
  };
  const hello = masked(binary, Buffer.from("hello"));
  for (const [says, bytes, code] of [
    ["without a mask", unmasked, closeCodes.protocolError],
    ["of an extension", with1(hello, 0, 0xc2), closeCodes.protocolError],
    ["with an opcode that nobody knows", with1(hello, 0, 0x83), closeCodes.protocolError],
    ["that continue nothing", masked(continuation, Buffer.from("x")), closeCodes.protocolError],
    [
      "that begin a message within another",
      Buffer.concat([masked(binary, Buffer.from("a"), { isLast: false }), hello]),
      closeCodes.protocolError,
    ],
    ["of control in parts", masked(ping, Buffer.from("x"), { isLast: false }), closeCodes.protocolError],
    ["of control that are long", masked(close, Buffer.alloc(126)), closeCodes.protocolError],
    ["that are longer than any", masked(binary, Buffer.alloc(LONGEST_MESSAGE + 1)).subarray(0, 14), closeCodes.tooBig],
    [
      "that are so only together",
      Buffer.concat([
        masked(binary, Buffer.alloc(LONGEST_MESSAGE), { isLast: false }),
        masked(continuation, Buffer.from("x")),
      ]),
      closeCodes.tooBig,
    ],
    ["of text that is none", masked(text, Buffer.from([0xc3, 0x28])), closeCodes.notText],
    ["that say a length of 2^63", Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), closeCodes.tooBig],
  ] as const) {
    it(`${says} are refused`, () => {
      assert.throws(
        () => [...new WebSocketReader().push(bytes)],
        (error) => error instanceof WebSocketError && error.code === code,
      );
    });
  }
});
