import { serviceAccounts } from "../../api/scheme.ts";
import type { ServiceAccount } from "../../api/types.generated.ts";
import { ageColumn } from "../printing/column.ts";
import { defineKind } from "./kind.ts";

export const serviceAccountKind = defineKind<ServiceAccount>({
  resource: serviceAccounts,
  returnsDeletedObject: true,
  columns: [
    {
      name: "Secrets",
      type: "string",
      description: "Number of secrets that it names.",
      cell: ({ secrets = [] }) => String(secrets.length),
    },
    ageColumn,
  ],
});
