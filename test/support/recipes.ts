/** A block of a recipe: a file to write, commands to run, or what the commands before it print at their end. */
export type RecipeStep =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "commands"; readonly text: string }
  | { readonly kind: "output"; readonly text: string };

/** A section of a page of recipes; what stands before the first is called by the page's title. */
export type Recipe = { readonly title: string; readonly steps: readonly RecipeStep[] };

/** The recipes of a page in Markdown. @throws {Error} if a block is of no kind that is known */
export function recipesOf(page: string): readonly Recipe[] {
  const [first = "", ...sections] = page.split(/^## /m);
  return [first.replace(/^# /, ""), ...sections].map((section) => {
    const [title = ""] = section.split("\n");
    const blocks = [...section.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
    return { title, steps: blocks.map(([, language = "", text = ""]) => step(language, text, title)) };
  });
}

function step(language: string, text: string, title: string): RecipeStep {
  switch (language) {
    case "sh":
      return { kind: "commands", text };
    case "text":
      return { kind: "output", text };
    case "yaml": {
      const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
      if (name !== undefined) return { kind: "file", name, text };
    }
  }
  throw new Error(`${title}: a block of "${language}" is neither a named file nor commands nor output: ${text}`);
}
