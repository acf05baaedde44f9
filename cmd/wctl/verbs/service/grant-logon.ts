import { command } from "../../command/command.ts";
import { usageFailure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { services } from "./options.ts";

export const serviceGrantLogon = command({
  name: "service grant-logon",
  summary: "Give an account the right to log on as a service.",
  description:
    "Users and managed accounts need it on each machine where a workload runs as them (runAs.account). The account keeps the rights that it has already. Run it as administrator.",
  usage: ["service grant-logon ACCOUNT"],
  examples: [
    { what: "A user of the domain", line: "wctl service grant-logon CORP\\web" },
    { what: "A user of this machine", line: "wctl service grant-logon .\\web" },
  ],
  options: [],
  async run(args, _flags, context) {
    const [account, ...more] = args;
    if (account === undefined) throw usageFailure("service grant-logon", "name an account");
    const manager = await services("service grant-logon", more);
    const name = await manager.grantLogon(account);
    await line(context.out, `account/${name} may log on as a service`);
    return 0;
  },
});
