import { effect, signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const REMEMBERED = "passerelle.theme";

export const themeSignal = signal<Theme>(remembered());

/** Keeps the document as chosen; "auto" follows the device by the style sheet. */
export function followTheme(): void {
  effect(() => {
    const theme = themeSignal.value;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(REMEMBERED, theme);
  themeSignal.value = theme;
}

function remembered(): Theme {
  const stored = localStorage.getItem(REMEMBERED);
  return THEMES.find((theme) => theme === stored) ?? "auto";
}
