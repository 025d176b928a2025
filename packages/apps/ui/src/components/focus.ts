/** An element and everything around it, from the inside out: what is left of the way when it has gone. */
export type FocusPath = readonly Element[];

export function pathOf(element: Element | null): FocusPath {
  const path: Element[] = [];
  for (let at = element; at !== null; at = at.parentElement) path.push(at);
  return path;
}

/** Gives the focus to the first of the path, or where it has gone, to the heading of what it stood in. */
export function focusNear(path: FocusPath): void {
  const [first] = path;
  if (first instanceof HTMLElement && first.isConnected && first !== document.body) {
    first.focus();
    if (document.activeElement === first) return;
  }
  const left = path.find((element) => element.isConnected);
  const part = left?.closest("dialog, section[aria-labelledby], main");
  const place = part?.querySelector("h1, h2, h3") ?? document.querySelector("main h1, main");
  if (!(place instanceof HTMLElement)) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

/**
 * What has the focus may go: a row that is removed, a button that its form replaces. The browser then leaves the focus
 * nowhere, and who reads the page by ear is nowhere, too. Here it goes to the heading of what is left.
 */
export function keepFocus(): void {
  let last: FocusPath = [];
  let behindMessages: FocusPath = [];
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof Element)) return;
    last = pathOf(target);
    // A message comes and goes: after it one is where one was before.
    if (target.closest(".toasts") === null) behindMessages = last;
  });
  new MutationObserver(() => {
    const [gone] = last;
    if (gone === undefined || gone.isConnected) return;
    if (document.activeElement === null || document.activeElement === document.body)
      focusNear(last.some((element) => element.matches(".toasts")) ? behindMessages : last);
  }).observe(document.body, { childList: true, subtree: true });
}
