import { openApiDocument } from "@passerelle/api/openapi";

/** The document of the web API, as the box serves it at /api/v1/openapi.json. */
export function openApiPage(): string {
  return `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;
}
