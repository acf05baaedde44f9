import { StartError } from "../../runtime.ts";
import type { BlockingCalls } from "../blocking-calls.ts";
import { encode, read } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import type { Token } from "../security/token.ts";
import { nameOfError, Win32Error } from "../win32-error.ts";
import { authorityOfName } from "./authority.ts";

const { PROFILEINFOW } = tokenStructs;

/**
 * The profile of an account, loaded for one run: its part of the registry, and its folders. It holds the token of the logon, since Windows wants that
 * to unload the profile.
 */
export class Profile {
  readonly #api: Winapi;
  readonly #token: Token;
  readonly #handle: Handle;

  private constructor(api: Winapi, token: Token, handle: Handle) {
    this.#api = api;
    this.#token = token;
    this.#handle = handle;
  }

  /** Takes over the token when it succeeds. Throws StartError. */
  static async load(
    parts: { api: Winapi; slow: BlockingCalls },
    token: Token,
    { user, label }: { user: string; label: string },
  ): Promise<Profile> {
    const { api, slow } = parts;
    const info = profileInfo(api, user);
    const { value, code } = await slow.call(authorityOfName(label), "LoadUserProfileW", [token.handle, info]);
    if (value) return new Profile(api, token, Number(read(PROFILEINFOW, info, "hProfile")));
    throw new StartError(
      "SystemError",
      `the profile of ${user} can't be loaded: LoadUserProfileW: ${nameOfError(code)}`,
      {
        cause: new Win32Error("LoadUserProfileW", code, { user }),
      },
    );
  }

  /** Unloads it when nothing of the run's tree lives any more. */
  unload(): void {
    this.#api.UnloadUserProfile(this.#token.handle, this.#handle);
    this.#token.close();
  }

  /** Leaves it loaded when only the daemon ends: the workload goes on with its profile. */
  leave(): void {
    this.#token.close();
  }
}

/** The structure, and behind it the name it points to. */
function profileInfo(api: Winapi, user: string): Buffer {
  const name = Buffer.from(`${user}\0`, "utf16le");
  const info = Buffer.concat([Buffer.alloc(PROFILEINFOW.size), name]);
  const lpUserName = api.addressOf(info) + BigInt(PROFILEINFOW.size);
  encode(PROFILEINFOW, { dwSize: PROFILEINFOW.size, dwFlags: c.PI_NOUI, lpUserName }).copy(info);
  return info;
}
