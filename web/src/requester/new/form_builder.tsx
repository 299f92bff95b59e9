import { useApp } from "../../context";
import { fieldType, fieldTypes } from "../../fields/registry";
import type { Setting } from "../../fields/field_type";
import type { FieldSpec } from "../../messages";
import { Button, SelectEntry, TextEntry } from "../../ui/basics";
import { newField } from "./draft";

// The questions of a form, in their order.
export function FormBuilder({ form, onChange }: { form: FieldSpec[]; onChange: (form: FieldSpec[]) => void }) {
  const { t } = useApp();
  const change = (at: number, field: FieldSpec) => onChange(form.map((one, index) => (index === at ? field : one)));
  const move = (at: number, to: number) => {
    const moved = [...form];
    moved.splice(to, 0, ...moved.splice(at, 1));
    onChange(moved);
  };
  return (
    <>
      <ol class="builder">
        {form.map((field, at) => (
          <li key={at}>
            <FieldBuilder field={field} no={at + 1} onChange={(now) => change(at, now)} />
            <div class="row">
              <Button isDisabled={at === 0} onClick={() => move(at, at - 1)} label={t.builder.move_up(at + 1)}>
                ↑
              </Button>
              <Button isDisabled={at === form.length - 1} onClick={() => move(at, at + 1)} label={t.builder.move_down(at + 1)}>
                ↓
              </Button>
              <Button look="quiet" isDisabled={form.length === 1} onClick={() => onChange(form.filter((_, index) => index !== at))} label={t.builder.remove_question(at + 1)}>
                {t.builder.remove}
              </Button>
            </div>
          </li>
        ))}
      </ol>
      <div class="row">
        <Button onClick={() => onChange([...form, newField(form)])}>{t.builder.add_question}</Button>
      </div>
    </>
  );
}

function FieldBuilder({ field, no, onChange }: { field: FieldSpec; no: number; onChange: (field: FieldSpec) => void }) {
  const { t } = useApp();
  const type = fieldType(field.type);
  const set = (change: Partial<FieldSpec>) => onChange({ ...field, ...change });
  return (
    <>
      <TextEntry label={t.builder.question(no)} value={field.label} onInput={(label) => set({ label })} />
      <div class="grid">
        <SelectEntry
          label={t.builder.type}
          value={field.type}
          options={fieldTypes.map((one) => [one.name, t.builder.types[one.name] ?? one.name])}
          onChange={(name) => set({ type: name, options: fieldType(name)?.hasOptions && field.options.length < 2 ? ["", ""] : field.options })}
        />
        <TextEntry label={t.builder.name} hint={t.builder.name_hint} value={field.name} onInput={(name) => set({ name })} />
      </div>
      {type?.hasOptions && <OptionsBuilder options={field.options} onChange={(options) => set({ options })} />}
      {(type?.settings ?? []).length > 0 && (
        <div class="grid">
          {type?.settings.map((setting) => (
            <SettingEntry
              key={setting.name}
              setting={setting}
              value={field.settings[setting.name] ?? ""}
              onChange={(value) => set({ settings: { ...field.settings, [setting.name]: value } })}
            />
          ))}
        </div>
      )}
      <label class="check">
        <input type="checkbox" checked={field.required} onChange={(event) => set({ required: event.currentTarget.checked })} />
        {t.builder.required}
      </label>
    </>
  );
}

function OptionsBuilder({ options, onChange }: { options: string[]; onChange: (options: string[]) => void }) {
  const { t } = useApp();
  return (
    <TextEntry
      label={t.builder.options}
      hint={t.builder.options_hint}
      lines={Math.max(3, Math.min(10, options.length + 1))}
      value={options.join("\n").replace(/^\n+$/, "")}
      onInput={(text) => onChange(text.split("\n"))}
    />
  );
}

function SettingEntry({ setting, value, onChange }: { setting: Setting; value: string; onChange: (value: string) => void }) {
  const { t } = useApp();
  const label = t.builder.settings[setting.name] ?? setting.name;
  if (typeof setting.kind === "object") {
    const options = setting.kind.options.map((option): [string, string] => [option, t.builder.setting_options[option] ?? option]);
    return <SelectEntry label={label} value={value || options[0][0]} options={options} onChange={onChange} />;
  }
  return <TextEntry label={label} value={value} onInput={onChange} numeric />;
}
