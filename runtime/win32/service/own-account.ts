import type { ServiceApi } from "../ffi/service-api.ts";
import { serviceConstants as c } from "../ffi/service-constants.ts";
import { ServiceError } from "./service-error.ts";

/** The pseudo handle of this process. */
const SELF = -1;
/** TOKEN_USER and the longest SID, 68 bytes, which lies behind it. */
const LONGEST_TOKEN_USER = 128;

/** The SID of the account that this process runs as: `S-1-5-18` for a service under LocalSystem. Throws ServiceError. */
export function ownSid(api: ServiceApi): string {
  const must = (call: string, done: number): void => {
    if (done === 0) throw new ServiceError(call, "the account of this process", api.GetLastError());
  };
  const out = Buffer.alloc(8);
  must("OpenProcessToken", api.OpenProcessToken(SELF, c.TOKEN_QUERY, out));
  const token = Number(out.readBigUInt64LE());
  try {
    const user = Buffer.alloc(LONGEST_TOKEN_USER);
    const { length } = user;
    must("GetTokenInformation", api.GetTokenInformation(token, c.TokenUser, user, length, Buffer.alloc(4)));
    must("ConvertSidToStringSidW", api.ConvertSidToStringSidW(user.readBigUInt64LE(), out));
  } finally {
    api.CloseHandle(token);
  }
  const text = out.readBigUInt64LE();
  try {
    return api.textAt(text);
  } finally {
    api.LocalFree(text);
  }
}
