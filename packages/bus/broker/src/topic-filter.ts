/** MQTT 5 section 4.7: topic names and topic filters. */

/** Longer than any name of the contract. */
const TOPIC_LENGTH_MAX = 256;
const LEVELS_MAX = 16;

export function isTopicName(name: string): boolean {
  return isPlain(name) && !name.includes("+") && !name.includes("#");
}

export function isTopicFilter(filter: string): boolean {
  if (!isPlain(filter)) return false;
  return filter.split("/").every((level, at, levels) => {
    // Section 4.7.1: "#" is the last level and alone in it, "+" is alone in its level.
    if (level === "#") return at === levels.length - 1;
    return level === "+" || (!level.includes("#") && !level.includes("+"));
  });
}

export function hasWildcard(filter: string): boolean {
  return filter.includes("+") || filter.includes("#");
}

/** Whether `filter`, which is valid, matches `topic`. */
export function matchesFilter(filter: string, topic: string): boolean {
  // Section 4.7.2: a wildcard in the first level does not match names that begin with "$".
  if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) return false;
  const filterLevels = filter.split("/");
  const levels = topic.split("/");
  for (const [at, wanted] of filterLevels.entries()) {
    // "a/#" matches "a" too.
    if (wanted === "#") return true;
    const level = levels[at];
    if (level === undefined || (wanted !== "+" && wanted !== level)) return false;
  }
  return levels.length === filterLevels.length;
}

function isPlain(text: string): boolean {
  return (
    text.length > 0 &&
    text.length <= TOPIC_LENGTH_MAX &&
    !text.includes("\0") &&
    text.split("/").length <= LEVELS_MAX
  );
}
