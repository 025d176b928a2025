import { daemonsRule } from "./rule-daemons.ts";
import { layersRule } from "./rule-layers.ts";
import { markdownRule } from "./rule-markdown.ts";
import { sizesRule } from "./rule-sizes.ts";
import { notesRule, privacyRule, shellRule, suppressionsRule, topicsRule } from "./rule-text.ts";
import { wordsRule } from "./rule-words.ts";
import type { Rule } from "./tree.ts";

/** Every rule of the house that no other tool checks. Each has a planted violation in test/. */
export const rules: readonly Rule[] = [
  layersRule,
  sizesRule,
  topicsRule,
  shellRule,
  notesRule,
  privacyRule,
  suppressionsRule,
  daemonsRule,
  markdownRule,
  wordsRule,
];
