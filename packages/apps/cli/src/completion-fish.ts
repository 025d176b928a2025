import type { After, Candidate, CompletionModel } from "./completion-model.ts";

/** For fish 3 and later. */
export function fishScript({ places, options, globalOptions, valued }: CompletionModel): string {
  const valuedWords = new Map(
    valued.flatMap((one) => one.words.map((word) => [word, one] as const)),
  );
  const optionLine = (condition: string, { word, about }: Candidate): string => {
    const flag = word.startsWith("--") ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
    const value = valuedWords.get(word);
    const wants =
      value === undefined
        ? ""
        : value.isFile
          ? " -r -F"
          : value.choices.length > 0
            ? ` -x -a '${value.choices.join(" ")}'`
            : " -x";
    return `complete -c passerelle${condition} ${flag}${wants} -d ${quoted(about)}`;
  };
  return `${[
    '# passerelle: completion for fish, made from its table of commands by "passerelle completion fish".',
    "function __passerelle_after",
    "  set -l plain",
    "  set -l skip",
    "  for word in (commandline -opc)[2..]",
    '    if test -n "$skip"; set skip; continue; end',
    "    switch $word",
    `      case ${[...valuedWords.keys()].join(" ")}`,
    "        set skip 1",
    "      case '-*'",
    "      case '*'",
    "        set -a plain $word",
    "    end",
    "  end",
    '  string match -q -- $argv[1] (count $plain)":$plain"',
    "end",
    "complete -c passerelle -f",
    ...globalOptions.map((candidate) => optionLine("", candidate)),
    ...options.flatMap(({ after, options: own }) =>
      own.map((candidate) => optionLine(` -n ${condition(after)}`, candidate)),
    ),
    ...places.flatMap(({ after, candidates, isFile }) =>
      isFile
        ? [`complete -c passerelle -n ${condition(after)} -F`]
        : candidates.map(
            ({ word, about }) =>
              `complete -c passerelle -n ${condition(after)} -a ${word} -d ${quoted(about)}`,
          ),
    ),
  ].join("\n")}\n`;
}

function condition(after: After): string {
  return `"__passerelle_after '${pattern(after)}'"`;
}

function pattern({ path, more }: After): string {
  const words = path.join(" ");
  if (more === undefined) return `*:${words} *`;
  return more === 0 ? `${path.length}:${words}` : `${path.length + more}:${words} *`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
