import type { LooseHandler } from "./router.ts";

/** The document, made when it is asked for the first time: the converter of schemas costs memory that most boxes save. */
export function openApiHandler(): LooseHandler {
  let text: Promise<string> | undefined;
  const make = async (): Promise<string> => {
    const { openApiDocument } = await import("@passerelle/api/openapi");
    return JSON.stringify(openApiDocument());
  };
  return async () => {
    text ??= make();
    return new Response(await text, {
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  };
}
