import { useApp } from "../context";
import { Page } from "../ui/basics";

export function NotFound() {
  const { t } = useApp();
  return (
    <Page title={t.not_found.title}>
      <p>{t.not_found.text}</p>
      <p>
        <a href="/">{t.not_found.home}</a>
      </p>
    </Page>
  );
}
