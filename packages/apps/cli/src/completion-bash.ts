import type { After, Candidate, CompletionModel } from "./completion-model.ts";

/** For bash 4 and later; needs nothing of the package bash-completion. */
export function bashScript({ places, options, globalOptions, valued }: CompletionModel): string {
  return `# passerelle: completion for bash, made from its table of commands by "passerelle completion bash".
_passerelle() {
  local cur=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local -a plain=()
  local word skip= i key choices=
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in
      ${valued.flatMap(({ words }) => words).join("|")}) skip=1 ;;
      -*) ;;
      *) plain+=("$word") ;;
    esac
  done
  key="\${#plain[@]}:\${plain[*]}"
  if [[ -n $skip ]]; then
    case $previous in
${valued
  .filter(({ choices }) => choices.length > 0)
  .map(
    ({ words, choices }) =>
      `      ${words.join("|")}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$cur")) ;;`,
  )
  .join("\n")}
      ${valued
        .filter(({ isFile }) => isFile)
        .flatMap(({ words }) => words)
        .join(
          "|",
        )}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    esac
    return
  fi
  if [[ $cur == -* ]]; then
    choices="${wordList(globalOptions)}"
    case $key in
${options.map((one) => `      ${pattern(one.after)}) choices+=" ${wordList(one.options)}" ;;`).join("\n")}
    esac
    COMPREPLY=($(compgen -W "$choices" -- "$cur"))
    return
  fi
  case $key in
${places
  .map(({ after, candidates, isFile }) =>
    isFile
      ? `    ${pattern(after)}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;`
      : `    ${pattern(after)}) choices="${wordList(candidates)}" ;;`,
  )
  .join("\n")}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$cur"))
  # A path goes on after its last slash.
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _passerelle passerelle
`;
}

function wordList(candidates: readonly Candidate[]): string {
  return candidates.map(({ word }) => word).join(" ");
}

/** Of the key: how many plain words, a colon, the words. */
function pattern({ path, more }: After): string {
  const words = path.join(" ");
  if (more === undefined) return `*:"${words} "*`;
  return more === 0 ? `"${path.length}:${words}"` : `${path.length + more}:"${words} "*`;
}
