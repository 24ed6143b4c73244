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
    name: "nodes",
    summary: "list the nodes: whose agents live, whom they hear, and what they hold",
    load: async () => (await import("./nodes/command.ts")).nodesCommand,
  },
  {
    name: "bgp",
    summary: "list the sessions with routers, or what each node tells which router, and why not",
    load: async () => (await import("./bgp/command.ts")).bgpCommand,
  },
  {
    name: "explain",
    summary: "say why a Service has its addresses or none, or who may have an address",
    load: async () => (await import("./explain/command.ts")).explainCommand,
  },
  {
    name: "drain",
    summary: "move all addresses of a node to others, and give it no new ones",
    load: async () => (await import("./drain/command.ts")).drainCommand,
  },
  {
    name: "undrain",
    summary: "let a node be given addresses again",
    load: async () => (await import("./drain/undrain-command.ts")).undrainCommand,
  },
  {
    name: "rebalance",
    summary: "move addresses to nodes that have too few, one at a time",
    load: async () => (await import("./rebalance/command.ts")).rebalanceCommand,
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
