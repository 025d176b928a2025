import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../words/index.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** What it is sorted by; absent: it is not. */
  readonly sortBy?: (row: Row) => string | number;
  readonly numeric?: boolean;
}

interface Sort {
  readonly key: string;
  readonly down: boolean;
}

/** A table that becomes cards on a phone. Long ones go by pages, so that 250 rows stay quick. */
export function Table<Row>(props: {
  /** Names the table to who can't see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly sort?: Sort;
  readonly pageSize?: number;
  readonly empty?: string;
}) {
  const [sort, setSort] = useState(props.sort);
  const [page, setPage] = useState(0);
  const size = props.pageSize ?? 50;
  const rows = sorted(props.rows, props.columns, sort);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = Math.min(page, pages - 1);
  if (rows.length === 0) return <p class="empty">{props.empty ?? t("table.empty")}</p>;
  return (
    <>
      <table class="table">
        <caption class="unseen">{props.label}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={sort} onSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(shown * size, (shown + 1) * size).map((row) => (
            <tr key={props.rowKey(row)}>
              {props.columns.map((column) => (
                <td
                  key={column.key}
                  class={column.numeric === true ? "numeric" : undefined}
                  data-title={column.title}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {pages > 1 && <Pager page={shown} pages={pages} onPage={setPage} />}
    </>
  );
}

function HeadCell<Row>(props: {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort) => void;
}) {
  const { column, sort } = props;
  const mine = sort?.key === column.key ? sort : undefined;
  const order = mine === undefined ? undefined : mine.down ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={order} class={column.numeric === true ? "numeric" : undefined}>
      {column.sortBy === undefined ? (
        column.title
      ) : (
        <button
          type="button"
          class="sort"
          onClick={() => props.onSort({ key: column.key, down: mine?.down === false })}
        >
          {column.title}
          {mine !== undefined && <Icon name={mine.down ? "sort-down" : "sort-up"} />}
        </button>
      )}
    </th>
  );
}

function Pager(props: {
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}) {
  const go = (page: number): void => props.onPage(Math.max(0, Math.min(page, props.pages - 1)));
  return (
    <div class="pager">
      <IconButton icon="left" label={t("table.previous")} onClick={() => go(props.page - 1)} />
      <span aria-live="polite">
        {t("table.page", { page: props.page + 1, pages: props.pages })}
      </span>
      <IconButton icon="right" label={t("table.next")} onClick={() => go(props.page + 1)} />
    </div>
  );
}

function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | undefined,
): readonly Row[] {
  const by = columns.find((column) => column.key === sort?.key)?.sortBy;
  if (by === undefined) return rows;
  const sign = sort?.down === true ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(by(a), by(b)));
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: "base" });
}
