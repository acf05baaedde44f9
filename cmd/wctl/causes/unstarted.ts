import type { Facts, Line } from "./cause.ts";

const waitingSays = (words: RegExp) => (facts: Facts) =>
  words.test(facts.instance.status?.state?.waiting?.message ?? "");

/** Why a program could not be started, by the reason of `state.waiting`, which says what was seen. The first line that applies is the cause. */
export const UNSTARTED: readonly Line<Facts>[] = [
  {
    reason: "SystemError",
    also: waitingSays(/ENOSPC|no space left|disk is full|not enough space/i),
    advice:
      "the disk is full: make room on the disk of the data directory, and of workingDir; it is tried again by itself",
  },
  {
    reason: "CommandNotFound",
    advice:
      "correct spec.command, or install the program on this node; a name without a folder is looked up in the PATH of the system, not in yours",
  },
  {
    reason: "NotExecutable",
    advice:
      "name a program in spec.command, or make the file executable; for a script name its interpreter, and give the script in spec.args",
  },
  {
    reason: "ScriptRefused",
    advice: 'set spec.command to cmd.exe and spec.args to ["/d", "/s", "/c", "the script"]',
  },
  { reason: "WorkingDirNotFound", advice: "make that folder, or correct spec.workingDir" },
  {
    reason: "CreateConfigError",
    advice:
      "create what it refers to, or correct the name or the key in spec.env, spec.envFrom, spec.files or runAs; it starts as soon as that is there",
  },
  { reason: "AccountNotFound", advice: "correct spec.runAs.account, or make the account on this node" },
  {
    reason: "AccountNotAllowed",
    advice: "give spec.runAs another account, or allow this one in the configuration of the daemon",
  },
  {
    reason: "LogonFailed",
    advice: "correct the password in the Secret of spec.runAs, and see that the account is neither locked nor disabled",
  },
  {
    reason: "AccessDenied",
    also: waitingSays(/^the file .* can't be written/),
    advice:
      "remove what is in the place of the file or of its folder (the program may have put it there), let the account write there, or correct the path in spec.files",
  },
  {
    reason: "AccessDenied",
    also: waitingSays(/^envFile/),
    advice: "let the account of spec.runAs read that file and enter the folders above it, or correct spec.envFile",
  },
  {
    reason: "AccessDenied",
    advice: "let the account of spec.runAs read and execute the program and enter its folders, or give another account",
  },
  { reason: "PortInUse", advice: "end what listens on that port, or give another one in spec.ports" },
  { reason: "InvalidArgument", advice: "correct the field that the message names" },
  { reason: "AlreadyRunning", advice: "nothing: it starts when the tree of the run before is gone" },
  { reason: "SystemError", advice: "see the log of the daemon on this node for more" },
];
