import { useEffect, useRef } from "preact/hooks";

/** The heading of a screen; takes the focus when its screen comes, so that it is read out. */
export function StepHead({ title, first }: { readonly title: string; readonly first?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = first === true;
  useEffect(() => {
    document.title = title;
    if (!isFirst) heading.current?.focus();
  }, [title, isFirst]);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {title}
    </h1>
  );
}
