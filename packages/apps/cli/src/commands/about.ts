import { argument, type Call, type Command } from "../command.ts";
import { completionScript, SHELLS } from "../completion.ts";
import { EXIT } from "../exit.ts";

/** Commands about the command line itself; they need no box. */
export function aboutCommands(all: () => readonly Command[]): readonly Command[] {
  return [
    {
      path: ["completion"],
      about: { fr: "complétion pour votre shell", en: "completion for your shell" },
      args: [{ name: "SHELL", choices: SHELLS, about: { fr: "votre shell", en: "your shell" } }],
      examples: [
        {
          words: "completion bash > /etc/bash_completion.d/passerelle",
          about: { fr: "pour tous les comptes", en: "for every account" },
        },
        {
          words: "completion zsh > ~/.zfunc/_passerelle",
          about: { fr: "dans un répertoire de fpath", en: "in a directory of fpath" },
        },
        {
          words: "completion fish > ~/.config/fish/completions/passerelle.fish",
          about: { fr: "pour ce compte", en: "for this account" },
        },
      ],
      uses: [],
      run: (call) => completion(call, all()),
    },
    {
      path: ["help"],
      about: { fr: "l'aide, avec des exemples", en: "help, with examples" },
      args: [
        {
          name: "COMMAND",
          isOptional: true,
          isRepeated: true,
          completes: "command",
          about: { fr: "commande ou groupe", en: "command or group" },
        },
      ],
      examples: [
        { words: "help config apply", about: { fr: "sur une commande", en: "on one command" } },
        { words: "help diag", about: { fr: "sur un groupe", en: "on a group" } },
      ],
      uses: [],
      run: async ({ words, screen }) => {
        const { helpText } = await import("../help.ts");
        screen.page(helpText(words.args, all(), screen.language));
        return EXIT.ok;
      },
    },
  ];
}

async function completion(call: Call, all: readonly Command[]): Promise<number> {
  const shell = SHELLS.find((known) => known === argument(call, 0)) ?? "bash";
  // The table of the API with its schemas: only here, where its paths are wanted.
  const { allRoutes } = await import("@passerelle/api");
  const paths = allRoutes.map(([key]) => key.slice(key.indexOf(" ") + 1));
  call.screen.raw(completionScript(shell, all, [...new Set(paths)], call.screen.language));
  return EXIT.ok;
}
