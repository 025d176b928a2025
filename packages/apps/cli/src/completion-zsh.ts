import type { After, Candidate, CompletionModel } from "./completion-model.ts";

/** For zsh's completion system (compinit). */
export function zshScript({ places, options, globalOptions, valued }: CompletionModel): string {
  return `#compdef passerelle
# passerelle: completion for zsh, made from its table of commands by "passerelle completion zsh".
_passerelle() {
  local -a plain choices
  local word skip= key i
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in
      (${valued.flatMap(({ words }) => words).join("|")}) skip=1 ;;
      (-*) ;;
      (*) plain+=("$word") ;;
    esac
  done
  key="\${#plain}:\${plain[*]}"
  if [[ -n $skip ]]; then
    case $words[CURRENT-1] in
${valued
  .filter(({ choices }) => choices.length > 0)
  .map(({ words, choices }) => `      (${words.join("|")}) compadd -- ${choices.join(" ")} ;;`)
  .join("\n")}
      (${valued
        .filter(({ isFile }) => isFile)
        .flatMap(({ words }) => words)
        .join("|")}) _files ;;
    esac
    return
  fi
  if [[ $words[CURRENT] == -* ]]; then
    choices=(${descriptions(globalOptions)})
    case $key in
${options.map((one) => `      (${pattern(one.after)}) choices+=(${descriptions(one.options)}) ;;`).join("\n")}
    esac
    _describe -o option choices
    return
  fi
  case $key in
${places
  .map(({ after, candidates, isFile }) =>
    isFile
      ? `    (${pattern(after)}) _files; return ;;`
      : `    (${pattern(after)}) choices=(${descriptions(candidates)}) ;;`,
  )
  .join("\n")}
  esac
  (( $#choices )) && _describe passerelle choices
}
if [[ $funcstack[1] == _passerelle ]]; then
  _passerelle "$@"
else
  compdef _passerelle passerelle
fi
`;
}

function descriptions(candidates: readonly Candidate[]): string {
  // In single quotes nothing is special but the quote itself.
  return candidates
    .map(({ word, about }) => `'${`${word}:${about}`.replaceAll("'", "'\\''")}'`)
    .join(" ");
}

function pattern({ path, more }: After): string {
  const words = path.join(" ");
  if (more === undefined) return `*:"${words} "*`;
  return more === 0 ? `"${path.length}:${words}"` : `${path.length + more}:"${words} "*`;
}
