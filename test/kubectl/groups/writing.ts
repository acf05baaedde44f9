import { all, idle } from "../manifests.ts";
import { type Group, gone, type Row } from "../row.ts";

const typo = `${idle("made-t")}  replcas: 1\n`;
const createdOld = idle("w-applied", "replicas: 1");
const prunes: Partial<Row> = {
  stdin: idle("w-pruned", "", "{app: pruned}"),
  out: /^process\.wctl\.dev\/w-pruned created\nprocess\.wctl\.dev\/w-prunable pruned\n$/,
  leaves: { "process/w-pruned": {}, "process/w-prunable": gone },
};

/** Whole objects of wctl.dev. */
export const writing: Group = {
  title: "create, apply, diff, replace, edit",
  given: all(idle("w-old"), idle("w-renewed"), idle("w-prunable", "", "{app: pruned}")),
  rows: [
    {
      run: "create -f -",
      stdin: idle("made"),
      out: /^process\.wctl\.dev\/made created\n$/,
      leaves: { "process/made": {} },
    },
    {
      run: "create -f -",
      stdin: idle("made"),
      code: 1,
      err: /^Error from server \(AlreadyExists\): error when creating "STDIN": processes\.wctl\.dev "made" already exists\n$/,
      keeps: ["process/made"],
    },
    {
      run: "create --dry-run=client -o name -f -",
      stdin: idle("w-none"),
      out: /^process\.wctl\.dev\/w-none\n$/,
    },
    {
      run: "create --dry-run=server -f -",
      stdin: idle("w-none"),
      out: /^process\.wctl\.dev\/w-none created \(server dry run\)\n$/,
    },
    {
      run: "create -f -",
      stdin: typo,
      until: 25,
      code: 1,
      err: /unknown field "replcas" in \S+; if you choose to ignore these errors, turn validation off with --validate=false\n$/,
    },
    {
      run: "create -f -",
      stdin: typo,
      since: 25,
      code: 1,
      err: /^Error from server \(BadRequest\): .*strict decoding error: unknown field "spec\.replcas"/,
    },
    {
      run: "create --validate=warn -f -",
      stdin: typo.replaceAll("made-t", "made-w"),
      since: 25,
      out: /made-w created\n$/,
      err: /^Warning: unknown field "spec\.replcas"/,
      leaves: { "process/made-w": {} },
    },
    {
      run: "create -f -",
      stdin: idle("made-t", "replicas: -1"),
      code: 1,
      err: /The Process "made-t" is invalid: (\* )?spec\.replicas: Invalid value: -1: |spec\.replicas in body should be greater/,
    },
    {
      run: "apply -f -",
      stdin: createdOld,
      out: /^process\.wctl\.dev\/w-applied created\n$/,
      leaves: { "process/w-applied": { spec: { replicas: 1 } } },
    },
    {
      run: "apply -f -",
      stdin: createdOld,
      out: /^process\.wctl\.dev\/w-applied unchanged\n$/,
      keeps: ["process/w-applied"],
    },
    { run: "diff -f -", stdin: createdOld, keeps: ["process/w-applied"], out: /^$/ },
    {
      run: "diff -f -",
      stdin: idle("w-applied", "replicas: 2"),
      code: 1,
      out: /^- {2}replicas: 1\n\+ {2}replicas: 2$/m,
      keeps: ["process/w-applied"],
      err: /^(exit status 1\n)?$/,
    },
    {
      run: "apply --dry-run=server -f -",
      stdin: idle("w-applied", "replicas: 2"),
      out: /^process\.wctl\.dev\/w-applied configured \(server dry run\)\n$/,
      keeps: ["process/w-applied"],
    },
    {
      run: "apply -f -",
      stdin: idle("w-applied", "replicas: 2"),
      out: /^process\.wctl\.dev\/w-applied configured\n$/,
      leaves: { "process/w-applied": { spec: { replicas: 2 } } },
    },
    { run: "apply view-last-applied process/w-applied -o json", out: /"replicas": 2/ },
    { run: "apply -f - --prune -l app=pruned --prune-whitelist=wctl.dev/v1/Process", until: 26, ...prunes },
    { run: "apply -f - --prune -l app=pruned --prune-allowlist=wctl.dev/v1/Process", since: 26, ...prunes },
    {
      run: "replace -f -",
      stdin: idle("w-applied", "replicas: 3"),
      out: /^process\.wctl\.dev\/w-applied replaced\n$/,
      leaves: { "process/w-applied": { spec: { replicas: 3 } } },
    },
    {
      run: "replace --force -f -",
      stdin: idle("w-renewed", "replicas: 4"),
      out: /^process\.wctl\.dev "w-renewed" deleted.*\nprocess\.wctl\.dev\/w-renewed replaced\n$/,
      leaves: { "process/w-renewed": { spec: { replicas: 4 } } },
    },
    {
      run: "replace -f -",
      stdin: idle("w-none"),
      code: 1,
      err: /^Error from server \(NotFound\): error when replacing "STDIN": processes\.wctl\.dev "w-none" not found\n$/,
    },
    {
      run: "edit process w-old",
      editor: "sed -i s/100000/200000/",
      out: /^process\.wctl\.dev\/w-old edited\n$/,
      leaves: { "process/w-old": { spec: { args: ["200000"] } } },
    },
    {
      run: "edit process w-old",
      editor: "true",
      err: /^Edit cancelled, no changes made\.\n$/,
      keeps: ["process/w-old"],
    },
  ],
};
