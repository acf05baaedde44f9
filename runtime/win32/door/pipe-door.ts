import type { Server } from "node:net";
import { doorPipe, pipePath } from "../../../api/http/door/door-address.ts";
import type { Logger } from "../../../lib/logger.ts";
import { constants } from "../ffi/constants.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { withDescriptor } from "../security/security-attributes.ts";
import { ADMINISTRATORS } from "../security/sid.ts";
import { Token } from "../security/token.ts";
import { must } from "../win32-error.ts";

/** Administrators and the system, and none of them from another machine. */
export const DOOR_ACCESS = "D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)";

/** The local door on Windows: a named pipe that nobody but an administrator can make, and nobody but an administrator of this machine can speak into. */
export class PipeDoor {
  readonly address: { pipe: string };
  readonly #api: Winapi;

  /** Undefined where there can be none: this daemon is no administrator. `id`: of the data directory. */
  static of(api: Winapi, id: string, logger: Pick<Logger, "info">): PipeDoor | undefined {
    if (isAdministrator(api)) return new PipeDoor(api, id);
    logger.info("no local door: only an administrator can open one, HTTPS does without");
    return undefined;
  }

  constructor(api: Winapi, id: string) {
    this.#api = api;
    this.address = { pipe: doorPipe(id) };
  }

  /** Rejects with the system's error: EADDRINUSE when somebody has a pipe of this name. */
  async open(server: Server): Promise<void> {
    const path = pipePath(this.address.pipe)!;
    let isClosed = false;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, () => {
        server.off("error", reject);
        if (isClosed) resolve();
        else reject(new Error("the pipe was open to others for a while"));
      });
      if (!server.listening) return; // The name is taken: what lies there is not ours to change.
      // Node has made it with Windows' own list, by which everybody may read: who comes in between can't ask for anything.
      closeToOthers(this.#api, path);
      isClosed = true;
    });
  }

  /** The access list has let him in. */
  visitorOf(): { name: string; isAdministrator: boolean } {
    return { name: "an administrator", isAdministrator: true };
  }

  /** A pipe goes with the last handle of it. */
  remove(): void {}
}

/** All instances of a pipe have one access list, those that are made later too, so any handle will do: this one visits the door. Throws Win32Error. */
function closeToOthers(api: Winapi, path: string): void {
  const pipe = api.CreateFileW(path, c.READ_CONTROL | c.WRITE_DAC, 0, null, constants.OPEN_EXISTING, 0, 0);
  must(api, "CreateFileW", pipe, { path });
  try {
    const information = (c.DACL_SECURITY_INFORMATION | c.PROTECTED_DACL_SECURITY_INFORMATION) >>> 0;
    withDescriptor(api, DOOR_ACCESS, (descriptor) =>
      must(api, "SetKernelObjectSecurity", api.SetKernelObjectSecurity(pipe, information, descriptor), { path }),
    );
  } finally {
    api.CloseHandle(pipe);
  }
}

/** A person who is one has the group, but not enabled, until he starts a program as administrator. */
function isAdministrator(api: Winapi): boolean {
  const token = Token.ofProcess(api);
  try {
    return token
      .groups()
      .some(({ sid, attributes }) => sid === ADMINISTRATORS && (attributes & c.SE_GROUP_ENABLED) !== 0);
  } finally {
    token.close();
  }
}
