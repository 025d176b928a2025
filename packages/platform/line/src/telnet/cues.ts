/** What a console waits for, read from the last line that it began and did not end. */
export type Cue = "name" | "password" | "command";

export function cueIn(tail: string): Cue | undefined {
  const line = lastLine(tail);
  if (NAME.test(line) && !GREETING.test(line)) return "name";
  if (PASSWORD.test(line)) return "password";
  return PROMPT.test(line) ? "command" : undefined;
}

export function lastLine(text: string): string {
  return text.slice(Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1);
}

/** The words of consoles that say no before they ask again or hang up. */
export function saysNo(text: string): boolean {
  return /incorrect|invalid|denied|fail|wrong|bad (?:user|pass)/i.test(text);
}

/** The words of consoles and shells that know no such command. */
export function saysUnknown(text: string): boolean {
  return /not found|unknown|invalid|usage:|no such/i.test(text);
}

/** What a person at a terminal would see: erased characters are gone, and so are the pager's own lines. */
export function asShown(text: string, pager: RegExp): string {
  const shown: string[] = [];
  for (const character of text.replaceAll(pager, "")) {
    if (character !== "\b") shown.push(character);
    else if (shown.length > 0 && !/[\r\n]/.test(shown.at(-1) ?? "")) shown.pop();
  }
  return shown.join("");
}

/** An answer without the echo of its question and without the prompt behind it. */
export function answerIn(shown: string, command: string): string {
  const answer = shown.slice(0, shown.length - lastLine(shown).length);
  const first = /^\s*([^\r\n]*)/.exec(answer);
  return first !== null && first[1]?.trimEnd().endsWith(command) === true
    ? answer.slice(first[0].length)
    : answer;
}

const NAME = /(?:^|\s)(?:account|user ?name|user|login)\s?:\s{0,2}$/i;
/** "Last login: Mon …", which may be cut after its colon. */
const GREETING = /last login/i;
const PASSWORD = /(?:^|\s)password(?: for [^\s:]{1,64})?\s?:\s{0,2}$/i;
/** "DrayTek> ", " > ", "# ", "root@modem:~# "; not the "< BDCM >" of an answer. */
const PROMPT = /^\s?[\w.@~/:()[\] -]{0,60}[>#$]\s{0,2}$/;
