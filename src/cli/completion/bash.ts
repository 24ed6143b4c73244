import type { CommandWords, OptionWords } from "./words.ts";

/** The completion script of bash (3.2 and later), for `source <(herald completion bash)`. */
export function bashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# bash completion of herald
_herald() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) command="$word"; break ;; esac
  done
  COMPREPLY=()
  case "$command" in
    "") COMPREPLY=($(compgen -W "${names} --help --version" -- "$current")) ;;
${commands.map(commandCase).join("\n")}
  esac
}
complete -o default -F _herald herald kubectl-herald
`;
}

function commandCase({ name, options, values }: CommandWords): string {
  const flags = options.flatMap((option) => option.flags).join(" ");
  const words = `      case "$current" in
        -*) COMPREPLY=($(compgen -W "${flags}" -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$current")) ;;
      esac`;
  const valued = options.filter(({ takesValue }) => takesValue);
  return `    ${name})
      case "$previous" in
${valued.map(valueCase).join("\n")}
      esac
${words} ;;`;
}

/** Without enumerated values nothing is replied, and bash falls back to file names. */
function valueCase({ flags, values }: OptionWords): string {
  const reply = values.length === 0 ? "" : `COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$current")); `;
  return `        ${flags.join("|")}) ${reply}return ;;`;
}
