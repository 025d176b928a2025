import type { Problem } from "@passerelle/api";
import { useEffect, useState } from "preact/hooks";
import { api } from "../box/api.ts";
import { useChannel } from "../box/live.ts";
import type { JsonRecord } from "../core/json-value.ts";

export interface KnownConfig {
  readonly sections: JsonRecord | undefined;
  readonly revision: number | undefined;
  readonly problem: Problem | undefined;
}

/** The configuration as a person may see it; read again whenever there is a new revision. */
export function useConfig(): KnownConfig {
  const newest = useChannel("config");
  const [known, setKnown] = useState<KnownConfig>(NOTHING);
  const seen = newest?.revision;
  useEffect(() => {
    let gone = false;
    void api.call("GET /config", { query: {} }).then((answer) => {
      if (gone) return;
      setKnown(
        answer.ok
          ? { ...answer.data, problem: undefined }
          : (before) => ({ ...before, problem: answer.problem }),
      );
    });
    return () => {
      gone = true;
    };
  }, [seen]);
  return known;
}

const NOTHING: KnownConfig = { sections: undefined, revision: undefined, problem: undefined };
