import type { Bus } from "@passerelle/bus-client";
import { systemCaptureFile } from "@passerelle/contract";
import { apiFault } from "./faults.ts";
import type { LooseHandler } from "./router.ts";

/** Streams the file of a capture as `system` hands it over, part by part: it is never whole in our memory. */
export function captureFileHandler(bus: Bus): LooseHandler {
  return async ({ input }) => {
    const id = input.params?.id ?? "";
    // What `system` would not take as an id of a job is none; it is also part of a file name.
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(id)) return { ok: false, fault: apiFault("unknown_job") };
    const first = await bus.request(systemCaptureFile, { id, offset: 0 });
    if (!first.ok) return first;
    let offset = 0;
    let part: typeof first.data | undefined = first.data;
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (part === undefined) {
            const next = await bus.request(systemCaptureFile, { id, offset });
            if (!next.ok) return controller.error(new Error(next.fault.code));
            part = next.data;
          }
          const { data, more } = part;
          part = undefined;
          const bytes = Buffer.from(data, "base64");
          offset += bytes.length;
          if (bytes.length > 0) controller.enqueue(bytes);
          if (!more || bytes.length === 0 || offset >= BYTES_MAX) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(stream, {
      headers: {
        "content-type": "application/vnd.tcpdump.pcap",
        "content-disposition": `attachment; filename="capture-${id}.pcap"`,
        "cache-control": "no-store",
      },
    });
  };
}

/** More than any capture of ours: who says "more" for ever is stopped. */
const BYTES_MAX = 256 * 1024 * 1024;
