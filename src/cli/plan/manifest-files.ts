import type { SourceFile } from "../files.ts";
import { fieldsOf, groupOf, type Manifest, textOf } from "../manifest.ts";
import { type Finding, parsePath } from "../validate/finding.ts";
import { objectsIn, type Path, type Place, readDocuments } from "../yaml-documents.ts";
import { editedKind, editedKinds, type ObjectRef, type Put, putOf, refText } from "./edit.ts";

/** A put, and where in which file it is written. */
export type WrittenPut = Put & { readonly file: string; readonly placeOf: (path: Path) => Place };

/** The puts of files that `herald validate` found right, and how many objects of other kinds are in them, by kind. */
export type ManifestFiles = { readonly puts: readonly WrittenPut[]; readonly skipped: ReadonlyMap<string, number> };

/** Reads the objects of the files; Services without a namespace go into the one given. */
export function readManifests(sources: readonly SourceFile[], namespace: string): ManifestFiles {
  const skipped = new Map<string, number>();
  const puts = sources.flatMap(({ path: file, text }) =>
    readDocuments(text).documents.flatMap((document) =>
      objectsIn(document.value).flatMap(({ path, value }): readonly WrittenPut[] => {
        const manifest: Manifest = fieldsOf(value);
        const kind = editedKind(manifest);
        if (kind === undefined) {
          skipped.set(kindText(manifest), (skipped.get(kindText(manifest)) ?? 0) + 1);
          return [];
        }
        return [
          { ...putOf(kind, manifest, namespace), file, placeOf: (below) => document.placeOf([...path, ...below]) },
        ];
      }),
    ),
  );
  return { puts, skipped };
}

function kindText(manifest: Manifest): string {
  const group = groupOf(manifest);
  return `${textOf(manifest.kind) ?? "object"}${group === "" ? "" : `.${group}`}`;
}

/** A problem of an object as `herald validate` prints its findings. */
export function findingAt(put: WrittenPut, problem: Pick<Finding, "code" | "path" | "message">): Finding {
  const object = refText(put).replace("/", " ");
  return { file: put.file, ...put.placeOf(parsePath(problem.path)), severity: "error", object, ...problem };
}

/** The object that a word such as `ippool/public` or `service/shop/web` names; undefined if it names none that can be. */
export function namedObject(word: string, namespace: string): ObjectRef | undefined {
  const [kindWord = "", ...names] = word.split("/");
  const kind = editedKinds.find((each) =>
    [each, `${each}s`].some((text) => text.toLowerCase() === kindWord.toLowerCase()),
  );
  const [first = "", second = first] = names;
  if (kind === undefined || first === "" || names.length > (kind === "Service" ? 2 : 1)) return undefined;
  if (kind !== "Service") return { kind, namespace: "", name: first };
  return { kind, namespace: names.length === 1 ? namespace : first, name: second };
}
