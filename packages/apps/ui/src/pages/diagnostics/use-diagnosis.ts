import type { Problem } from "@passerelle/api";
import type { Diagnosis, SystemJob } from "@passerelle/contract";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";

export interface Diagnosing {
  /** The diagnosis as it stands; undefined before the first. */
  readonly job: SystemJob | undefined;
  readonly problem: Problem | undefined;
  readonly busy: boolean;
  readonly start: (request: Diagnosis) => Promise<void>;
  readonly cancel: () => void;
}

/** Starts one diagnosis at a time and follows how it goes. */
export function useDiagnosis(): Diagnosing {
  const jobs = useChannel("jobs")?.jobs;
  const [id, setId] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [starting, setStarting] = useState(false);
  const job = jobs?.find((one) => one.id === id);
  return {
    job,
    problem,
    busy: starting || job?.state === "running",
    start: async (request) => {
      setStarting(true);
      setProblem(undefined);
      const answer = await api.call("POST /diagnostics", { body: request });
      setStarting(false);
      if (answer.ok) setId(answer.data.id);
      else setProblem(answer.problem);
    },
    cancel: () => {
      if (id !== undefined) void api.call("DELETE /jobs/{id}", { params: { id } });
    },
  };
}
