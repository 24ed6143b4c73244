import type { CommandWords, OptionWords } from "./words.ts";

/** The completion script of zsh: as `_herald` in a folder of $fpath, or for `source <(herald completion zsh)`. */
export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef herald kubectl-herald
# zsh completion of herald
_herald() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${described(summary)}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(commandCase).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _herald ]]; then
  _herald "$@"
else
  compdef _herald herald kubectl-herald
fi
`;
}

function commandCase({ name, options, values }: CommandWords): string {
  const specs = options.flatMap(optionSpecs).map((spec) => `      ${quoted(spec)} \\`);
  const rest = values.length === 0 ? "*:file:_files" : `1:value:(${values.join(" ")})`;
  return `    ${name})
      _arguments \\
${specs.join("\n")}
      ${quoted(rest)} ;;`;
}

/** Every flag in a specification of its own, because a group of them is written in braces that the shell expands. */
function optionSpecs({ flags, help, takesValue, values }: OptionWords): readonly string[] {
  const action = values.length === 0 ? "_files" : `(${values.join(" ")})`;
  return flags.map((flag) => `*${flag}[${described(help)}]${takesValue ? `:value:${action}` : ""}`);
}

/** A description without what the specification itself is made of. */
function described(text: string): string {
  return text.replace(/[[\]:\\]/g, (character) => `\\${character}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
