import { useApp } from "../context";
import { Page } from "../ui/basics";
import { JoinForm } from "./join";

// For whoever is not signed in: what this is, and how to get in.
export function Welcome() {
  const { t } = useApp();
  return (
    <Page title={t.welcome.title} lead={t.welcome.lead}>
      <div class="panel panel-narrow">
        <JoinForm given="" />
      </div>
      <p class="muted narrow">{t.welcome.no_invitation}</p>
    </Page>
  );
}
