import { Fold } from "../../../components/fold.tsx";
import { Name } from "../../../components/name.tsx";
import { Facts } from "../../../components/tile.tsx";
import {
  type DslBand,
  type DslCell,
  type DslLine,
  type DslRow,
  dslBands,
  dslMode,
  dslRows,
  marksIn,
  moreDslRows,
} from "../../../core/dsl-view.ts";
import { clock, formatDateTime, formatDuration, formatNumber } from "../../../words/format.ts";
import { t } from "../../../words/index.ts";
import { formatDecibels, formatLineRate, formatMilliseconds } from "../../../words/units.ts";

/** What the modem says of the line now. */
export function DslValues({ line }: { readonly line: DslLine }) {
  const rows = dslRows(line);
  const more = moreDslRows(line);
  const bands = dslBands(line);
  return (
    <div class="stack">
      {rows.length > 0 && <Rows rows={rows} label={t("dsl.tab.values")} />}
      <LineFacts line={line} />
      <Fold title={t("dsl.more")}>
        {more.length > 0 && <Rows rows={more} label={t("dsl.more")} />}
        {bands.length > 0 && <Bands bands={bands} />}
        <MoreFacts line={line} />
      </Fold>
      {marksIn([...rows, ...more]).map((mark) => (
        <p class="small muted" key={mark}>
          {t(`dsl.mark.${mark}.text`)}
        </p>
      ))}
    </div>
  );
}

function Rows(props: { readonly rows: readonly DslRow[]; readonly label: string }) {
  return (
    <table class="dsl-table">
      <caption class="unseen">{props.label}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t("dsl.down")}</th>
          <th scope="col">{t("dsl.up")}</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ name, down, up }) => (
          <tr key={name}>
            <th scope="row">{t(`dsl.row.${name}`)}</th>
            <Cell cell={down} />
            <Cell cell={up} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ cell }: { readonly cell: DslCell | undefined }) {
  if (cell === undefined) {
    return (
      <td class="muted">
        <span aria-hidden="true">–</span>
        <span class="unseen">{t("dsl.not_said")}</span>
      </td>
    );
  }
  return (
    <td class="live">
      {textOf(cell)}
      {cell.mark !== undefined && (
        <span class="dsl-mark small muted">{t(`dsl.mark.${cell.mark}`)}</span>
      )}
    </td>
  );
}

function textOf(cell: DslCell): string {
  switch (cell.kind) {
    case "on":
    case "off":
      return t(`dsl.${cell.kind}`);
    case "vectoring":
      return t(`dsl.vectoring.${cell.value}`);
    case "number":
      return numberText(cell);
  }
}

function numberText({ value, unit }: Extract<DslCell, { kind: "number" }>): string {
  switch (unit) {
    case "rate":
      return formatLineRate(value);
    case "decibels":
      return formatDecibels(value);
    case "dbm":
      return formatDecibels(value, "dBm");
    case "seconds":
      return value === 0 ? t("dsl.no_delay") : formatMilliseconds(value * 1000);
    case "symbols":
      return t("dsl.symbols", { n: value });
    case "count":
      return formatNumber(value);
  }
}

function LineFacts({ line }: { readonly line: DslLine }) {
  const { modem, operator, retrains, since, state, tc } = line;
  return (
    <Facts
      rows={[
        [t("dsl.kind"), modeText(line)],
        tc === undefined ? undefined : [t("dsl.tc"), t(`dsl.tc.${tc}`)],
        state === "up"
          ? [
              t("dsl.since"),
              t("dsl.since.text", {
                since: formatDateTime(since),
                duration: formatDuration(clock.value - since),
              }),
            ]
          : undefined,
        [t("dsl.retrains"), retrains === 0 ? t("dsl.retrains.none") : formatNumber(retrains)],
        [t("dsl.modem"), <Equipment of={modem} />],
        operator === undefined ? undefined : [t("dsl.operator"), <Equipment of={operator} />],
      ]}
    />
  );
}

function modeText(line: DslLine): string {
  const { standard, profile, annex } = dslMode(line);
  if (standard === undefined) return t("dsl.kind.unknown");
  return [
    standard,
    ...(profile === undefined ? [] : [t("dsl.profile", { profile })]),
    ...(annex === undefined ? [] : [annexText(annex)]),
  ].join(", ");
}

function annexText(annex: string): string {
  const known = ANNEXES.find((one) => one === annex);
  return known === undefined ? t("dsl.annex", { annex }) : t(`dsl.annex.${known}`);
}

const ANNEXES = ["A", "B", "J", "L", "M"] as const;

function Equipment(props: { readonly of: DslLine["modem"] }) {
  const { vendor, chipset, version } = props.of ?? {};
  const parts = [vendor, chipset, version].filter((part) => part !== undefined);
  if (parts.length === 0) return <span class="muted">{t("dsl.not_said")}</span>;
  return (
    <span class="dsl-equipment">
      {parts.map((part, index) => (
        <Name key={index}>{part}</Name>
      ))}
    </span>
  );
}

function MoreFacts({ line }: { readonly line: DslLine }) {
  const { powerState, rawState, modem } = line;
  return (
    <Facts
      rows={[
        powerState === undefined
          ? undefined
          : [t("dsl.power_state"), t(`dsl.power_state.${powerState}`)],
        modem?.serial === undefined ? undefined : [t("dsl.serial"), <Name>{modem.serial}</Name>],
        [t("dsl.raw_state"), <Name>{rawState}</Name>],
      ]}
    />
  );
}

function Bands({ bands }: { readonly bands: readonly DslBand[] }) {
  const decibels = (value: number | undefined): string =>
    value === undefined ? "–" : formatDecibels(value);
  return (
    <table class="dsl-table">
      <caption class="unseen">{t("dsl.bands")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("dsl.band")}</th>
          <th scope="col">{t("dsl.row.noiseMargin")}</th>
          <th scope="col">{t("dsl.row.lineAttenuation")}</th>
        </tr>
      </thead>
      <tbody>
        {bands.map(({ band, noiseMargin, lineAttenuation }) => (
          <tr key={band}>
            <th scope="row">
              <Name>{band}</Name>
            </th>
            <td class="live">{decibels(noiseMargin)}</td>
            <td class="live">{decibels(lineAttenuation)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
