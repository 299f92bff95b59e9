import { useEffect, useState } from "preact/hooks";
import { useApp } from "../context";
import type { ColumnSpec } from "../messages";
import { piecesOf } from "./template";

// An item as a worker sees it. What a requester posted is plain text, an image or a link, and never markup.

const webAddress = /^https?:\/\//i;
export const isImageAddress = (value: string) => /^(https?:\/\/|data:image\/)/i.test(value);

function Image(props: { address: string; name: string }) {
  const { t } = useApp();
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  useEffect(() => setState("loading"), [props.address]);
  if (!isImageAddress(props.address)) return <span class="item-value">{props.address}</span>;
  return (
    // A box of fixed height: nothing moves when the image comes.
    <span class={`item-image item-image-${state}`}>
      <img
        src={props.address}
        alt={props.name}
        referrerpolicy="no-referrer"
        decoding="async"
        onLoad={() => setState("shown")}
        onError={() => setState("failed")}
      />
      {state === "failed" && <span class="item-image-failed">{t.task.image_failed(props.name)}</span>}
    </span>
  );
}

function Value(props: { column: ColumnSpec; value: string }) {
  const { t } = useApp();
  const { column, value } = props;
  if (column.kind === "image") return <Image address={value} name={column.name} />;
  if (column.kind === "link" && webAddress.test(value)) {
    return (
      <a href={value} target="_blank" rel="noopener noreferrer nofollow">
        {value}
        <span class="unseen"> {t.common.new_window}</span>
      </a>
    );
  }
  return <span class="item-value">{value}</span>;
}

export function Item(props: { template: string; columns: ColumnSpec[]; values: string[] }) {
  const { template, columns, values } = props;
  if (!template.trim()) {
    return (
      <dl class="item item-list">
        {columns.map((column, at) => (
          <div key={column.name}>
            <dt>{column.name}</dt>
            <dd>
              <Value column={column} value={values[at] ?? ""} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return (
    <div class="item item-template" dir="auto">
      {piecesOf(template.trim(), columns).pieces.map((piece, at) =>
        "text" in piece ? (
          <span key={at}>{piece.text}</span>
        ) : (
          <Value key={at} column={columns[piece.column]} value={values[piece.column] ?? ""} />
        ),
      )}
    </div>
  );
}
