import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { armor, Encrypter } from "age-encryption";
import { isSealed, isSealedFile } from "../../../api/age-file.ts";
import { parseIdentities, parseRecipients } from "../../../api/sealing/identities.ts";
import { Opener } from "../../../api/sealing/opener.ts";
import { generateIdentity, sealFor } from "../../../api/sealing/seal.ts";
import { SealingError } from "../../../api/sealing/sealing-error.ts";

type Pair = Awaited<ReturnType<typeof generateIdentity>>;

let host: Pair;
let other: Pair;
before(async () => {
  host = await generateIdentity(false);
  other = await generateIdentity(false);
});

const opened = async (sealed: string | Uint8Array, ...identities: string[]): Promise<string> =>
  Buffer.from(await (await Opener.with(identities)).open(sealed)).toString();

const refused = (work: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.rejects(work, (error: Error) => error instanceof SealingError && message.test(error.message));

describe("sealing", () => {
  it("is opened by each of the recipients, armored or not", async () => {
    const sealed = await (await sealFor([host.recipient, other.recipient]))("grün\n");
    assert.ok(isSealed(sealed) && isSealed(`\n${sealed}`) && !isSealed(`x${sealed}`));
    assert.equal(await opened(sealed, host.identity), "grün\n");
    assert.equal(await opened(sealed.replaceAll("\n", "\r\n"), other.identity), "grün\n");
    assert.equal(await opened(Buffer.from(sealed), other.identity), "grün\n");
    assert.equal(await opened(armor.decode(sealed), other.identity), "grün\n");
  });

  it("works with post-quantum keys, and with several identities", async () => {
    const next = await generateIdentity(true);
    assert.match(next.recipient, /^age1pq1/);
    const sealed = await (await sealFor([next.recipient]))(new Uint8Array([65]));
    assert.equal(await opened(sealed, `# of a host\n\n${host.identity}\r\n`, next.identity), "A");
  });

  it("is not opened by others, and tells no damage from a change", async () => {
    const sealed = await (await sealFor([host.recipient]))("secret");
    await refused(opened(sealed, other.identity), /^it is sealed for others/);
    const bytes = armor.decode(sealed);
    bytes[bytes.length - 1]! ^= 1;
    await refused(opened(bytes, host.identity), /^the sealed text is damaged, or was changed/);
    await refused(opened(sealed.replace(/\n.*\n$/, "\n"), host.identity), /^the sealed text is damaged: copy/);
    await refused(opened(sealed.replaceAll("\n", " "), host.identity), /^the sealed text is damaged: copy/);
    await refused(opened(bytes.subarray(0, 60), host.identity), /^the header of the sealed text/);
    await refused(opened(Buffer.from("kind: Secret"), host.identity), /^this is not an age file/);
    await refused(opened("kind: Secret", host.identity), /^this is not an age file/);
  });

  it("refuses passphrases, which are slow to try", async () => {
    const encrypter = new Encrypter();
    encrypter.setPassphrase("p");
    encrypter.setScryptWorkFactor(2);
    await refused(opened(await encrypter.encrypt("x"), host.identity), /^it is sealed with a passphrase/);
  });

  it("has an end: of recipients, of size, and of all that one reading tries", async () => {
    const encrypter = new Encrypter();
    for (let at = 0; at < 21; at++) encrypter.addRecipient(other.recipient);
    await refused(opened(await encrypter.encrypt("x"), host.identity), /more than 20 recipients/);
    await refused(sealFor(Array.from({ length: 21 }, () => host.recipient)), /more than 20 recipients/);
    const large = Buffer.alloc(3 * 1024 * 1024 + 1);
    await refused((await sealFor([host.recipient]))(large), /too large/);
    const direct = new Encrypter();
    direct.addRecipient(host.recipient);
    await refused(opened(await direct.encrypt(large), host.identity), /too large/);
    await refused(opened(Buffer.alloc(10_000_000), host.identity), /too large/);
    const opener = await Opener.with([host.identity]);
    const stanzas = Buffer.from(`age-encryption.org/v1\n${"-> x y\nAA\n".repeat(20)}--- x\n`);
    for (let at = 0; at < 500; at++) await assert.rejects(opener.open(stanzas));
    await refused(opener.open(stanzas), /^too much is sealed here/);
  });

  it("names what is no key, and never quotes an identity", async () => {
    const seals = (recipient: string): Promise<unknown> => sealFor([recipient]);
    await refused(seals("age1abc"), /^"age1abc" is not an age recipient/);
    await refused(seals(host.identity), /^this is an identity, which must stay secret, and no recipient \(age1...\)$/);
    await refused(sealFor([]), /^there is no recipient/);
    await refused(Opener.with([host.identity.replace(/...$/, "QQQ")]), /^an age identity is damaged: copy it whole$/);
    await refused(Opener.with(["hunter2"]), /^a line is not an age identity \(AGE-SECRET-KEY-1...\)$/);
    await refused(Opener.with(["", "# none"]), /^there is no age identity/);
    const many = await Promise.all(Array.from({ length: 11 }, () => generateIdentity(false)));
    assert.throws(() => parseIdentities(many.map(({ identity }) => identity)), /more than 10/);
  });

  it("reads files of recipients, and tells sealed files by their names", () => {
    assert.deepEqual(parseRecipients("# web\nage1a\r\n\n age1b\n"), ["age1a", "age1b"]);
    const names = ["a.yaml.age", "a/b.YML.AGE", "a.json.age", "a.age", "a.yaml", "yaml.age"];
    assert.deepEqual(names.filter(isSealedFile), ["a.yaml.age", "a/b.YML.AGE", "a.json.age"]);
  });
});
