import type { CommandRow } from "./command.ts";

/** What a person may ask of Herald, in the order of the help. */
export const cliCommands: readonly CommandRow[] = [
  {
    name: "pools",
    summary: "list the pools: what is free, and what is wrong with them",
    load: async () => (await import("./pools/command.ts")).poolsCommand,
  },
  {
    name: "vips",
    summary: "list the addresses: whose they are, and which node answers for them",
    load: async () => (await import("./vips/command.ts")).vipsCommand,
  },
  {
    name: "explain",
    summary: "say why a Service has its addresses or none, or who may have an address",
    load: async () => (await import("./explain/command.ts")).explainCommand,
  },
  {
    name: "plan",
    summary: "say what applying manifests would do: who keeps, gains, moves or loses addresses",
    load: async () => (await import("./plan/command.ts")).planCommand,
  },
  {
    name: "validate",
    summary: "check manifests without a cluster",
    load: async () => (await import("./validate/command.ts")).validateCommand,
  },
  {
    name: "import",
    summary: "turn the configuration of MetalLB, kube-vip, Cilium or PureLB into Herald's",
    load: async () => (await import("./import/command.ts")).importCommand,
  },
  {
    name: "completion",
    summary: "print the completion script of a shell",
    load: async () => (await import("./completion/command.ts")).completionCommand,
  },
];
