import { useEffect, useState } from "preact/hooks";
import { useApp, useSession } from "../context";
import { useTopic } from "../hooks";
import type { Balance } from "../messages";
import { useProjects } from "../project/all_projects";
import { ProjectTable } from "../project/project_table";
import { Fact, Facts, Live, Loading, Money, Page } from "../ui/basics";
import type { Upload } from "./new/upload";
import { keptUpload } from "./new/upload";

// A requester's own projects, and what is in the wallet.
export function OwnProjects() {
  const { t } = useApp();
  const { rows, more } = useProjects();
  const balance = useTopic<Balance>("balance");
  const session = useSession();
  const [upload, setUpload] = useState<Upload | null>(null);
  useEffect(() => void keptUpload(session.account).then(setUpload), [session.account]);
  const actions = (
    <>
      <Live />
      <a class="button button-main" href="/projects/new">
        {t.projects.new}
      </a>
    </>
  );
  return (
    <Page title={t.projects.title} actions={actions}>
      {upload && (
        <p class="notice notice-wait">
          {t.publish.unfinished(upload.spec.title)} <a href="/projects/new">{t.publish.go_on}</a>
        </p>
      )}
      {balance ? (
        <Facts>
          <Fact name={t.projects.wallet} note={t.projects.wallet_note}>
            <Money amount={balance.wallet} strong />
          </Fact>
          <Fact name={t.projects.reserved} note={t.projects.reserved_note}>
            <Money amount={balance.reserved} strong />
          </Fact>
          <Fact name={t.projects.under_way} note={t.projects.under_way_note}>
            <Money amount={balance.under_way} />
          </Fact>
        </Facts>
      ) : (
        <Loading lines={3} />
      )}
      <section class="section">
        {!rows && <Loading lines={5} />}
        {rows?.length === 0 && <p class="empty">{t.projects.none}</p>}
        {rows && rows.length > 0 && <ProjectTable rows={rows} base="/projects" more={more} />}
      </section>
    </Page>
  );
}
