import type { ComponentChildren } from "preact";
import { useApp } from "../context";
import type { AnswerValues, ProjectSpec } from "../messages";
import { TaskForm } from "./form";
import { Item } from "./item";

// One task: the item and the form, side by side where there is room. What a requester previews is this itself.
export function TaskView(props: {
  spec: Pick<ProjectSpec, "instructions" | "item_template" | "columns" | "form">;
  item: string[];
  values: AnswerValues;
  onChange?: (values: AnswerValues) => void;
  problems?: Record<string, string>;
  showsKeys?: boolean;
  opensInstructions?: boolean;
  children?: ComponentChildren;
}) {
  const { t } = useApp();
  const { spec } = props;
  return (
    <div class="task">
      <div class="task-item">
        {spec.instructions.trim() && (
          <details class="instructions" open={props.opensInstructions}>
            <summary>{t.task.instructions}</summary>
            <p class="prose" dir="auto">
              {spec.instructions.trim()}
            </p>
          </details>
        )}
        <Item template={spec.item_template} columns={spec.columns} values={props.item} />
      </div>
      <div class="task-form">
        <TaskForm
          form={spec.form}
          values={props.values}
          onChange={props.onChange}
          problems={props.problems}
          showsKeys={props.showsKeys}
        />
        {props.children}
      </div>
    </div>
  );
}
