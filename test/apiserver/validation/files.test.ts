import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FileSpec } from "../../../api/types.generated.ts";
import { fileCauses } from "../../../apiserver/validation/files.ts";

const configMapRef = { name: "web", key: "app.conf" };
const secretRef = { name: "web", key: "token" };
const told = (files: FileSpec[], workingDir?: string): string[] =>
  fileCauses({ command: "x", files, ...(workingDir !== undefined && { workingDir }) }, "f").map(
    ({ field, message }) => `${field}: ${message}`,
  );
const refused = (path: string, workingDir?: string): string => told([{ path, configMapRef }], workingDir).join();

describe("the files of a Process", () => {
  it("lie in the folder of the copy, or below workingDir", () => {
    for (const path of ["app.conf", "conf/app.conf", "conf\\app.conf", ".hidden/x", "ünï/x y"])
      assert.equal(refused(path), "", path);
    assert.equal(refused("/srv/web/conf/app.conf", "/srv/web"), "");
    assert.equal(refused("/srv/web/app.conf", "/srv/web/"), "");
    assert.equal(refused("C:\\apps\\web\\app.ini", "C:\\apps\\web"), "");
  });

  it("never anywhere else", () => {
    for (const path of ["..", "../x", "a/../../x", "a/./x", "a//x", "a/", "./x", "..\\x"])
      assert.match(refused(path), /must be a plain path, without empty, \. or \.\. parts/, path);
    assert.match(refused("/etc/passwd"), /must be relative to the folder of the copy, because workingDir is not set/);
    for (const path of ["/etc/passwd", "/srv/website/x", "/srv", "C:\\x"])
      assert.match(refused(path, "/srv/web"), /or below workingDir \(\/srv\/web\)/, path);
    for (const path of ["/srv/web/../x", "/srv/web//x", "/srv/web/"])
      assert.match(refused(path, "/srv/web"), /must be a plain path/, path);
  });

  it("are no devices, streams, drives or other things that Windows makes of a name", () => {
    for (const path of ["con", "conf/NUL", "aux.txt", "COM1.conf", "lpt9"])
      assert.match(refused(path), /name of a device/, path);
    for (const path of ["app.conf:stream", "conf/a:$DATA"]) assert.match(refused(path), /a stream inside a file/, path);
    assert.match(refused("C:app.conf"), /not relative to the current directory of a drive/);
    assert.match(refused("\\\\?\\C:\\x"), /device path/);
    assert.match(refused("\\\\host\\share\\x"), /network path/);
    assert.match(refused("conf/app.conf. "), /ends in a dot or a blank/);
    assert.match(refused("a\u0000b"), /control characters/);
    assert.match(refused("conf/.wctl-app"), /must not have parts that begin with \.wctl-/);
    assert.match(refused("conf/.WCTL-app"), /must not have parts that begin with \.wctl-/);
    assert.match(refused(`conf/${"x".repeat(201)}`), /no part longer than 200 bytes/);
  });

  it("lie in a place of their own each", () => {
    const at = (...paths: string[]) => told(paths.map((path) => ({ path, configMapRef })));
    assert.deepEqual(at("a/b", "a/c"), []);
    assert.deepEqual(at("a/b", "A\\B"), ['f[1].path: Duplicate value: "A\\\\B": another file is at a/b']);
    assert.equal(at("a", "a/b").length, 1);
    assert.equal(at("a/b", "a").length, 1);
  });

  it("come from one key, and those of a Secret are for its account alone", () => {
    assert.match(told([{ path: "x" }]).join(), /must specify one of/);
    assert.match(told([{ path: "x", configMapRef, secretRef }]).join(), /may not have more than one/);
    assert.match(told([{ path: "x", secretRef: { name: "A_B", key: "k" } }]).join(), /f\[0\]\.secretRef\.name/);
    for (const mode of ["0400", "400", "0440", "0600", "0640"])
      assert.deepEqual(told([{ path: "x", secretRef, mode }]), []);
    for (const mode of ["0404", "0644", "0660", "0777", "0002"])
      assert.match(
        told([{ path: "x", secretRef, mode }]).join(),
        /must not let the group write, nor everybody read/,
        mode,
      );
    assert.deepEqual(told([{ path: "x", configMapRef, mode: "0644" }]), []);
  });
});
