import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { TEXT_LENGTH_MAX } from "./text.ts";

export type JsonObject = { readonly [name: string]: unknown };

/** Reads text that must be one JSON object. */
export function readJsonObject(text: string): Result<JsonObject, DecodeError> {
  if (text.length > TEXT_LENGTH_MAX) return err({ code: "text_too_long", at: TEXT_LENGTH_MAX });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ code: "json", at: 0 });
  }
  return isObject(value) ? ok(value) : err({ code: "json_not_an_object", at: 0 });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object under a name; an empty one where there is none, so that its fields are absent. */
export function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}

export function numberAt(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A counter: a whole number from 0 on. */
export function countAt(object: JsonObject, name: string): number | undefined {
  const value = numberAt(object, name);
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function textAt(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function switchAt(object: JsonObject, name: string): boolean | undefined {
  const value = object[name];
  return typeof value === "boolean" ? value : undefined;
}

/** The numbers of a list; undefined where it is no list of numbers alone. */
export function numbersAt(object: JsonObject, name: string): readonly number[] | undefined {
  const value = object[name];
  if (!Array.isArray(value)) return undefined;
  return value.every((item) => typeof item === "number") ? value : undefined;
}
