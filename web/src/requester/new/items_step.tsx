import { useState } from "preact/hooks";
import { useApp } from "../../context";
import type { Texts } from "../../texts";
import { Loading, Notice, Table } from "../../ui/basics";
import type { Draft } from "./draft";
import type { ItemsFile, RowMistake } from "./read_items";
import { readItems } from "./read_items";

// Step 1: the file of items. Its first rows are shown, and what is wrong in it is named by its line.
const rowsShown = 5;
const mistakesShown = 20;

export function ItemsStep(props: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useApp();
  const { draft } = props;
  const [isReading, setReading] = useState(false);
  const [isOver, setOver] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setReading(true);
    try {
      const read = await readItems(file);
      const spec = { ...draft.spec, columns: read.columns };
      props.onChange({ ...draft, file: read, leavesOutBad: false, spec });
    } finally {
      setReading(false);
    }
  };
  return (
    <section aria-labelledby="items-heading" class="stack">
      <h2 id="items-heading">{t.items.title}</h2>
      <p class="prose muted">{t.items.lead}</p>
      <div
        class={isOver ? "drop drop-over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer?.files[0]);
        }}
      >
        <label for="items-file">
          <strong>{t.items.choose}</strong>
        </label>
        <input
          id="items-file"
          type="file"
          accept=".csv,.jsonl,.ndjson,text/csv"
          onChange={(event) => void take(event.currentTarget.files?.[0])}
        />
        <p class="muted">{t.items.kinds}</p>
      </div>
      {isReading && <Loading lines={4} />}
      <div role="status">{!isReading && draft.file && <FileView {...props} file={draft.file} />}</div>
    </section>
  );
}

function FileView(props: { draft: Draft; file: ItemsFile; onChange: (draft: Draft) => void }) {
  const { t, f } = useApp();
  const { file } = props;
  if (file.objection) return <Notice tone="bad">{t.items.objections[file.objection]}</Notice>;
  return (
    <div class="stack">
      <p>
        <strong>{file.name}</strong>: {t.items.found(file.items.length, f.number(file.items.length), file.columns.length)}
      </p>
      <Table
        caption={t.items.first_rows}
        head={
          <>
            <th scope="col" class="end">
              {t.items.line}
            </th>
            {file.columns.map((column) => (
              <th scope="col" key={column.name}>
                {column.name}
              </th>
            ))}
          </>
        }
      >
        {file.items.slice(0, rowsShown).map((item, at) => (
          <tr key={at}>
            <td class="end muted">{file.lines[at]}</td>
            {item.values.map((value, column) => (
              <td key={column}>
                <span class="cell cell-value">{value}</span>
              </td>
            ))}
          </tr>
        ))}
      </Table>
      {file.mistakes.length > 0 && <Mistakes {...props} />}
    </div>
  );
}

function Mistakes({ draft, file, onChange }: { draft: Draft; file: ItemsFile; onChange: (draft: Draft) => void }) {
  const { t, f } = useApp();
  const more = file.mistakes.length - mistakesShown;
  return (
    <Notice tone="bad">
      <p>
        <strong>{t.items.mistakes(file.mistakes.length, f.number(file.mistakes.length))}</strong>
      </p>
      <ul>
        {file.mistakes.slice(0, mistakesShown).map((mistake, at) => (
          <li key={at}>{mistakeText(mistake, t)}</li>
        ))}
        {more > 0 && <li>{t.items.and_more(f.number(more))}</li>}
      </ul>
      <label class="check">
        <input
          type="checkbox"
          checked={draft.leavesOutBad}
          onChange={(event) => onChange({ ...draft, leavesOutBad: event.currentTarget.checked })}
        />
        {t.items.leave_out}
      </label>
    </Notice>
  );
}

function mistakeText(mistake: RowMistake, t: Texts): string {
  const what =
    mistake.kind === "cells" ? t.items.wrong.cells(mistake.have, mistake.want) : t.items.wrong[mistake.kind](mistake.name);
  return `${t.items.at_line(mistake.line)} ${what}`;
}
