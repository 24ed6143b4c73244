import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAsks } from "../../../src/api/annotations.ts";

const key = "herald.dev/sharing-key";
const withNamespaces = "herald.dev/share-with-namespaces";

type Case = {
  readonly name: string;
  readonly annotations: Record<string, string>;
  readonly want?: { readonly key: string; readonly namespaces: readonly string[] };
};

describe("what annotations say of sharing", () => {
  const cases: readonly Case[] = [
    {
      name: "a key alone shares within the namespace",
      annotations: { [key]: "front" },
      want: { key: "front", namespaces: [] },
    },
    {
      name: "white space around a key is none of it",
      annotations: { [key]: "  front \n" },
      want: { key: "front", namespaces: [] },
    },
    { name: "an empty key shares nothing", annotations: { [key]: "" } },
    { name: "a key of white space shares nothing", annotations: { [key]: " \t" } },
    {
      name: "namespaces are sorted, each once, without the white space around them",
      annotations: { [key]: "front", [withNamespaces]: " shop ,blog, shop" },
      want: { key: "front", namespaces: ["blog", "shop"] },
    },
    {
      name: "* is every namespace, whatever stands beside it",
      annotations: { [key]: "front", [withNamespaces]: "shop, *" },
      want: { key: "front", namespaces: ["*"] },
    },
    {
      name: "an empty list of namespaces is nobody",
      annotations: { [key]: "front", [withNamespaces]: " " },
      want: { key: "front", namespaces: [] },
    },
    { name: "an empty list of namespaces needs no key", annotations: { [withNamespaces]: "" } },
    ...["metallb.io", "metallb.universe.tf", "purelb.io"].map((prefix) => ({
      name: `the key of ${prefix} shares within the namespace`,
      annotations: { [`${prefix}/allow-shared-ip`]: "front" },
      want: { key: "front", namespaces: [] },
    })),
    {
      name: "Herald's consent goes with the key of another",
      annotations: { "metallb.io/allow-shared-ip": "front", [withNamespaces]: "*" },
      want: { key: "front", namespaces: ["*"] },
    },
    {
      name: "what Cilium reads",
      annotations: {
        "lbipam.cilium.io/sharing-key": "front",
        "lbipam.cilium.io/sharing-cross-namespace": "shop, blog",
      },
      want: { key: "front", namespaces: ["blog", "shop"] },
    },
    {
      name: "what Cilium read before",
      annotations: { "io.cilium/lb-ipam-sharing-key": "front", "io.cilium/lb-ipam-sharing-cross-namespace": "*" },
      want: { key: "front", namespaces: ["*"] },
    },
    {
      name: "Herald's own key and namespaces win over others",
      annotations: {
        "lbipam.cilium.io/sharing-key": "theirs",
        "lbipam.cilium.io/sharing-cross-namespace": "*",
        [key]: "ours",
        [withNamespaces]: "shop",
      },
      want: { key: "ours", namespaces: ["shop"] },
    },
    {
      name: "Herald's own empty key ends sharing by another's",
      annotations: {
        [key]: "",
        "lbipam.cilium.io/sharing-key": "theirs",
        "lbipam.cilium.io/sharing-cross-namespace": "*",
      },
    },
    {
      name: "Herald's own empty list ends the consent of another's",
      annotations: {
        "lbipam.cilium.io/sharing-key": "theirs",
        "lbipam.cilium.io/sharing-cross-namespace": "*",
        [withNamespaces]: "",
      },
      want: { key: "theirs", namespaces: [] },
    },
    {
      name: "the namespaces of others mean nothing without a key, not even if they are wrong",
      annotations: { "lbipam.cilium.io/sharing-cross-namespace": "Shop", "metallb.io/allow-shared-ip": "" },
    },
    {
      name: "an empty key of others is as good as none",
      annotations: { "metallb.io/allow-shared-ip": "", "purelb.io/allow-shared-ip": "front" },
      want: { key: "front", namespaces: [] },
    },
    {
      name: "others may say the same twice",
      annotations: {
        "metallb.io/allow-shared-ip": "front",
        "metallb.universe.tf/allow-shared-ip": "front",
        "lbipam.cilium.io/sharing-cross-namespace": "a,b",
        "io.cilium/lb-ipam-sharing-cross-namespace": "b, a",
      },
      want: { key: "front", namespaces: ["a", "b"] },
    },
  ];
  for (const { name, annotations, want } of cases)
    it(name, () => {
      assert.deepEqual(parseAsks(annotations), { ...(want && { sharing: want }), problems: [] });
    });
});

describe("annotations that say of sharing what cannot be followed", () => {
  const wrong: readonly { name: string; annotations: Record<string, string>; at: string; message: RegExp }[] = [
    {
      name: "Herald's namespaces without a key",
      annotations: { [withNamespaces]: "blog" },
      at: withNamespaces,
      message: /^means nothing without a sharing key, expected annotation herald\.dev\/sharing-key beside it$/,
    },
    {
      name: "Herald's namespaces with an empty key",
      annotations: { [withNamespaces]: "*", [key]: "" },
      at: withNamespaces,
      message: /without a sharing key/,
    },
    {
      name: "a name that no namespace can have",
      annotations: { [key]: "front", [withNamespaces]: "blog,Shop" },
      at: withNamespaces,
      message: /^"Shop" is no name of a namespace$/,
    },
    {
      name: "a pattern",
      annotations: { [key]: "front", [withNamespaces]: "team-*" },
      at: withNamespaces,
      message: /^"team-\*" is no name/,
    },
    {
      name: "an empty name in a list",
      annotations: { [key]: "front", [withNamespaces]: "a,,b" },
      at: withNamespaces,
      message: /^"" is no name/,
    },
    {
      name: "a name that is too long",
      annotations: { [key]: "front", [withNamespaces]: "a".repeat(64) },
      at: withNamespaces,
      message: /is no name of a namespace$/,
    },
    {
      name: "more than 64 namespaces",
      annotations: { [key]: "front", [withNamespaces]: Array.from({ length: 65 }, (_, i) => `n${i}`).join() },
      at: withNamespaces,
      message: /^lists more than 64$/,
    },
    {
      name: "a key of more than 253 characters",
      annotations: { [key]: "k".repeat(254) },
      at: key,
      message: /^is 254 characters long, a sharing key has at most 253$/,
    },
    {
      name: "a name that no namespace can have, of others",
      annotations: { "lbipam.cilium.io/sharing-key": "front", "lbipam.cilium.io/sharing-cross-namespace": "a b" },
      at: "lbipam.cilium.io/sharing-cross-namespace",
      message: /^"a b" is no name/,
    },
  ];
  for (const { name, annotations, at, message } of wrong)
    it(`${name} is one problem, and nothing is shared`, () => {
      const { problems, ...asks } = parseAsks(annotations);
      assert.deepEqual(asks, {});
      assert.deepEqual(
        problems.map(({ path }) => path),
        [`metadata.annotations[${at}]`],
      );
      assert.match(problems[0]?.message ?? "", message);
    });

  it("64 namespaces are read", () => {
    const names = Array.from({ length: 64 }, (_, i) => `n${i}`);
    assert.equal(parseAsks({ [key]: "front", [withNamespaces]: names.join() }).sharing?.namespaces.length, 64);
  });

  it("keys and namespaces of others that contradict one another are a problem each", () => {
    const { problems } = parseAsks({
      "metallb.io/allow-shared-ip": "a",
      "lbipam.cilium.io/sharing-key": "b",
      "lbipam.cilium.io/sharing-cross-namespace": "*",
      "io.cilium/lb-ipam-sharing-cross-namespace": "shop",
    });
    assert.deepEqual(
      problems.map(({ path, message }) => `${path} ${message}`),
      [
        "metadata.annotations[lbipam.cilium.io/sharing-key] contradicts annotation metallb.io/allow-shared-ip",
        "metadata.annotations[io.cilium/lb-ipam-sharing-cross-namespace] contradicts annotation lbipam.cilium.io/sharing-cross-namespace",
      ],
    );
  });
});
