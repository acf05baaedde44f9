import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bitString, integer, octetString, oid, time } from "../../../apiserver/pki/der.ts";
import { issueCertificate } from "../../../apiserver/pki/issue.ts";

const hex = (bytes: Buffer): string => bytes.toString("hex");

describe("DER", () => {
  it("writes lengths in the shortest form", () => {
    assert.equal(hex(octetString(Buffer.alloc(0))), "0400");
    for (const [size, head] of [
      [127, "047f"],
      [128, "048180"],
      [255, "0481ff"],
      [256, "04820100"],
      [65536, "0483010000"],
    ] as const) {
      assert.ok(hex(octetString(Buffer.alloc(size))).startsWith(`${head}00`), head);
    }
  });

  it("writes whole numbers that stay positive, without leading zeros", () => {
    for (const [bytes, der] of [
      [[0], "020100"],
      [[0, 0, 1], "020101"],
      [[0x7f], "02017f"],
      [[0x80], "02020080"],
      [[0, 0x80], "02020080"],
    ] as const) {
      assert.equal(hex(integer(Buffer.from(bytes))), der);
    }
  });

  it("writes object identifiers as X.690 has them", () => {
    assert.equal(hex(oid("1.2.840.113549")), "06062a864886f70d");
    assert.equal(hex(oid("2.5.29.17")), "0603551d11");
    assert.equal(hex(bitString(Buffer.from([6]), 1)), "03020106");
  });

  it("writes times as RFC 5280 wants them on both sides of 2050", () => {
    assert.equal(time(new Date("2049-12-31T23:59:59.999Z")).toString("latin1"), "\x17\x0d491231235959Z");
    assert.equal(time(new Date("2050-01-01T00:00:00Z")).toString("latin1"), "\x18\x0f20500101000000Z");
  });
});

describe("issueCertificate", () => {
  const issue = async (host: string, notAfter = "2060-02-29T12:00:00Z") => {
    const subject = { organizations: ["Ünïcode & Söhne, Inc."], commonName: "wctl" };
    const dates = { notBefore: new Date("2025-01-01T00:00:00Z"), notAfter: new Date(notAfter) };
    const { cert, key } = await issueCertificate({ subject, ...dates, use: { server: [host] } });
    return { certificate: new X509Certificate(cert), key };
  };

  it("makes what OpenSSL reads back, far dates and any letters included", async () => {
    const { certificate, key } = await issue("a.example");
    assert.equal(certificate.validTo, "Feb 29 12:00:00 2060 GMT");
    assert.equal(certificate.subject, "O=Ünïcode & Söhne\\, Inc.\nCN=wctl");
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    assert.ok(certificate.verify(certificate.publicKey));
    const curve = certificate.publicKey.asymmetricKeyDetails?.namedCurve;
    assert.equal(curve, "prime256v1");
  });

  it("never gives out one serial number twice", async () => {
    const serials = await Promise.all(
      Array.from({ length: 50 }, async () => (await issue("x")).certificate.serialNumber),
    );
    assert.equal(new Set(serials).size, 50);
  });

  it("names every address there is", async () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    await fc.assert(
      fc.asyncProperty(address, async (ip) => {
        const { certificate } = await issue(ip);
        assert.equal(certificate.checkIP(ip) !== undefined, true, `${ip}: ${certificate.subjectAltName}`);
      }),
      { numRuns: 200 },
    );
  });
});
