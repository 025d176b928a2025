import { signal } from "@preact/signals";

/** Path of the page in sight. */
export const path = signal(location.pathname);
/** How often a person went to another page: the heading takes the focus then, not at the first drawing. */
export const navigations = signal(0);

export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  const url = new URL(to, location.href);
  if (options.replace === true) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  arrive();
}

/** Links within the page don't load it again. */
export function followLinks(): void {
  addEventListener("popstate", arrive);
  document.addEventListener("click", (event) => {
    const isPlain =
      event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isPlain || !(event.target instanceof Element)) return;
    const link = event.target.closest("a");
    const address = link?.getAttribute("href");
    if (link === null || address === null || address === undefined) return;
    if (address.startsWith("#")) {
      event.preventDefault();
      document.getElementById(address.slice(1))?.focus();
      return;
    }
    if (link.hasAttribute("download") || link.hasAttribute("target")) return;
    if (!address.startsWith("/") || address.startsWith("//") || address.startsWith("/api/")) return;
    event.preventDefault();
    navigate(address);
  });
}

function arrive(): void {
  path.value = location.pathname;
  navigations.value += 1;
  scrollTo(0, 0);
}
