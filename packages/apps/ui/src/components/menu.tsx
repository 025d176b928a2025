import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { IconButton } from "./button.tsx";
import type { IconName } from "./icon.tsx";

/** A button that opens a small panel; Escape or a click beside it closes it and the focus goes back. */
export function Menu(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const close = (): void => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    const beside = (event: Event): void => {
      if (event.target instanceof Node && frame.current?.contains(event.target) === true) return;
      setOpen(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") close();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", beside);
    document.addEventListener("focusin", beside);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", beside);
      document.removeEventListener("focusin", beside);
    };
  }, [open]);
  return (
    <div class="menu" ref={frame}>
      <IconButton
        icon={props.icon}
        label={props.label}
        expanded={open}
        controls={id}
        onClick={() => setOpen(!open)}
      />
      <div class="menu-panel" id={id} hidden={!open}>
        {open && props.children(close)}
      </div>
    </div>
  );
}
