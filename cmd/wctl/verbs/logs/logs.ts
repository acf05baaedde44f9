import { command } from "../../command/command.ts";
import { selector } from "../../command/common-options.ts";
import { instancesByName } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { followLogs } from "./follow-logs.ts";
import { followScope } from "./follow-scope.ts";
import { logQuery } from "./log-query.ts";
import { pickLogs } from "./pick-logs.ts";
import { printLogs } from "./print-logs.ts";

/** A selector may match more than anybody can read; kubectl's number. */
const MOST_SELECTED = 5;

export const logs = command({
  name: "logs",
  summary: "Print what an instance has written.",
  description:
    "If a process has several instances, one is chosen, unless --all is given; -f follows all of them, over restarts, rollouts, scaling and restarts of the daemon. Output in the encoding that spec.logs.encoding names is printed as UTF-8, with lines that end in LF; --raw prints the bytes as they were written. On a terminal colours are shown, and every other control sequence is left out as a whole.",
  usage: ["logs (NAME | process/NAME | instance/NAME | -l SELECTOR) [flags]"],
  examples: [
    { what: "What web has written so far", line: "wctl logs process/web" },
    {
      what: "Follow all its instances, each line with the name of its instance",
      line: "wctl logs process/web -f --all",
    },
    { what: "The end of the run before the last restart", line: "wctl logs instance/web-0 --previous --tail=20" },
    { what: "How each run that is kept began and ended", line: "wctl logs web --all-runs" },
    { what: "The last five minutes, with times", line: "wctl logs web --since=5m --timestamps" },
  ],
  takes: instancesByName,
  options: [
    {
      name: "follow",
      short: "f",
      type: "boolean",
      description: "Keep printing what is written, by whichever run, until Ctrl-C or until nothing more can come.",
    },
    { name: "previous", short: "p", type: "boolean", description: "The run before the current one." },
    {
      name: "run",
      type: "integer",
      description: "The run with this number, counted over all edits, rollouts and restarts of the copy.",
    },
    { name: "all-runs", type: "boolean", description: "Every run whose output is kept, the oldest first." },
    { name: "since", type: "duration", description: "Only lines younger than this." },
    { name: "since-time", type: "string", placeholder: "TIME", description: "Only lines after this time (RFC 3339)." },
    {
      name: "tail",
      type: "integer",
      description: "Only this many lines from the end, of each run; -1 for all (default: all, with a selector 10).",
    },
    { name: "timestamps", type: "boolean", description: "Put the time before each line." },
    {
      name: "raw",
      type: "boolean",
      description: "The bytes as they were written: not decoded, line ends as they are.",
    },
    { name: "limit-bytes", type: "integer", description: "At most this many bytes." },
    {
      name: "stream",
      type: "string",
      oneOf: ["All", "Stdout", "Stderr"],
      default: "All",
      description: "Standard output, standard error, or both.",
    },
    selector,
    { name: "all", type: "boolean", description: "All instances of the process." },
    { name: "all-pods", type: "boolean", description: "The same as --all, in kubectl's words." },
    {
      name: "prefix",
      type: "boolean",
      description: "Begin each line with the name of its instance (default with --all, but for --raw).",
    },
    {
      name: "max-log-requests",
      type: "integer",
      description: "How many copies may be followed at once (default: with a selector 5).",
    },
    { name: "ignore-errors", type: "boolean", description: "Continue when one of several logs cannot be read." },
  ],
  async run(args, flags, context) {
    const query = logQuery(flags);
    const all = flags.all || flags["all-pods"];
    if (flags.prefix && flags.raw) throw new Failure("at most one of --raw or --prefix may be specified");
    const ignoreErrors = flags["ignore-errors"];
    const isOneRun = flags.previous || flags.run !== undefined;
    if (flags.follow && !isOneRun) {
      const scope = await followScope(args, flags.selector, context);
      const most =
        flags["max-log-requests"] ?? (flags.selector === undefined ? Number.POSITIVE_INFINITY : MOST_SELECTED);
      const isNamed = !flags.raw && (all || context.out.isTTY);
      const prefix = flags.prefix ? "always" : isNamed ? "several" : "never";
      await followLogs(scope, { query, prefix, most, ignoreErrors }, context);
      return 0;
    }
    const logs = await pickLogs(args, { selector: flags.selector, all }, context);
    const isPrefixed = flags.prefix || (all && logs.length > 1 && !flags.raw);
    await printLogs(logs, { query, follow: flags.follow, ignoreErrors, isPrefixed }, context);
    return 0;
  },
});
