import { fileURLToPath } from "node:url";
import type { LaunchSpec } from "../../../runtime/runtime.ts";

type Command = Pick<LaunchSpec, "command" | "args">;

/** In a session of its own, so that a process group or a session would lose it. Prints its pid. */
const GRANDCHILD = "/usr/bin/setsid /bin/sleep 1000 >/dev/null 2>&1 & echo $!";

/** A shell or Perl begins in a tenth of the processor time that Node takes. Those of the same names in `test/fixtures` do the same on Windows. */
const SHELL: Readonly<Record<string, string>> = {
  "exits-with": "exit $1",
  // What a shell ignores, the program that it becomes ignores too.
  "ignores-stop": "trap '' TERM INT QUIT HUP; echo ignoring; exec /bin/sleep 100000",
  "spawns-grandchild": `${GRANDCHILD}; wait`,
  "leaves-grandchild": `${GRANDCHILD}; exit $1`,
  // Child and grandchild each in a new session, and the child gone before a word is said: nothing but the group and the environment ties the
  // grandchild to us.
  "double-forks": `said=$(/usr/bin/setsid /bin/sh -c '${GRANDCHILD}'); echo $said; exec /bin/sleep 100000`,
  // Each ends with a NUL, which no argument has.
  "prints-arguments": 'for argument; do printf "%s\\0" "$argument"; done',
};

const PERL: Readonly<Record<string, string>> = {
  "dies-of": "kill shift, $$; sleep 1000",
  // Until the system refuses it or ends the process.
  allocates: 'while (1) { push @held, "x" x (8 << 20); select undef, undef, undef, 0.001 }',
  // Until one is refused; then it stays.
  forks: `
    for ($count = 0; defined($pid = fork); $count++) { sleep 1000 unless $pid }
    syswrite STDOUT, "refused after $count: " . ($!{EAGAIN} ? "EAGAIN" : $!) . "\\n";
    sleep 1000`,
  "floods-stdout": 'printf "line %09d of a workload that has much to say\\n", $_ for 0 .. $ARGV[0] - 1',
  "prints-environment": 'print "{", join(",", map qq("$_":"$ENV{$_}"), keys %ENV), "}"',
};

/** Programs of the system where they have just the behaviour; else a small script. */
export function fixture(name: string, ...args: string[]): Command {
  if (name === "runs-forever") return { command: "/bin/sleep", args: ["100000"] };
  if (name === "does-not-exist") return { command: "/no/such/program", args: [] };
  const [shell, perl] = [SHELL[name], PERL[name]];
  if (shell !== undefined) return { command: "/bin/sh", args: ["-c", shell, "sh", ...args] };
  if (perl !== undefined) return { command: "/usr/bin/perl", args: ["-e", perl, "--", ...args] };
  return { command: process.execPath, args: [fixturePath(name), ...args] };
}

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}.mjs`, import.meta.url));
}
