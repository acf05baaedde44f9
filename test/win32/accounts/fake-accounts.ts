import { silentLogger } from "../../../lib/logger.ts";
import { type AccountRequest, Accounts } from "../../../runtime/win32/accounts/accounts.ts";
import { callsInThisThread } from "../../../runtime/win32/blocking-calls.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { type Answers, type FakeToken, type Recording, recordingWinapi } from "../recording-winapi.ts";

export const SYSTEM: FakeToken = { user: "S-1-5-18" };
export const ANNA = "S-1-5-21-1-2-3-1001";

/** What this made-up machine knows. */
export const KNOWN: Readonly<Record<string, string>> = {
  "NT AUTHORITY\\SYSTEM": "S-1-5-18",
  "NT AUTHORITY\\LOCAL SERVICE": "S-1-5-19",
  "NT AUTHORITY\\NETWORK SERVICE": "S-1-5-20",
  "NT SERVICE\\web": "S-1-5-80-1-2-3-4-5",
  "CORP\\web$": "S-1-5-21-9-9-9-2001",
  "CORP\\anna": ANNA,
  "anna@corp.example": ANNA,
  "NT-AUTORITÄT\\SYSTEM": "S-1-5-18",
  "BUILTIN\\Administrators": "S-1-5-32-544",
};

/** Who asks: a copy of this Process. */
export const ACCOUNT_REQUEST: AccountRequest = {
  owner: "6f0c1d52-process",
  homeId: "uid-1",
  home: "C:\\d\\instances\\uid-1\\work",
};

export interface FakeAccounts {
  accounts: Accounts;
  recording: Recording;
  clock: FakeClock;
}

/** A daemon under LocalSystem unless `own` says otherwise. */
export function fakeAccounts(
  answers: Answers = {},
  tokens: { own?: FakeToken; LogonUserW?: FakeToken; LogonUserExExW?: FakeToken; WTSQueryUserToken?: FakeToken } = {},
): FakeAccounts {
  const clock = new FakeClock();
  const recording = recordingWinapi(answers, { own: SYSTEM, ...tokens }, KNOWN);
  const { api } = recording;
  const accounts = new Accounts({ api, slow: callsInThisThread(api), clock, logger: silentLogger });
  recording.calls.length = 0;
  return { accounts, recording, clock };
}
