import { useEffect, useState } from "preact/hooks";
import { call } from "../api";
import { useApp, useSession } from "../context";
import { useAction, useTopic } from "../hooks";
import type { ProjectAction, ProjectState, ProjectStatus } from "../messages";
import { Results } from "../project/results";
import { StatusView } from "../project/status";
import { useDescription } from "../specs";
import { Button, Dialog, Live, Loading, Page, Problem } from "../ui/basics";
import { tell } from "../ui/notices";
import type { Upload } from "./new/upload";
import { keptUpload } from "./new/upload";
import { ReviewAnswers } from "./review";

// One project of one's own: how it stands, what came out, and what can be done with it.
export function OwnProject({ project }: { project: number }) {
  const { t } = useApp();
  const status = useTopic<ProjectStatus>(`status:${project}`);
  const { data, error } = useDescription(project);
  const back = { href: "/projects", label: t.projects.title };
  const title = data?.spec.title ?? status?.row.title ?? t.common.project_no(project);
  return (
    <Page title={title} back={back} wide actions={<><Live />{status && <Actions project={project} state={status.row.state} />}</>}>
      <Problem error={error} />
      {status?.row.state === "posting" && <Unposted project={project} status={status} />}
      {status ? <StatusView status={status} spec={data?.spec ?? null} /> : <Loading lines={8} />}
      {data?.spec.pay === "review" && <ReviewAnswers project={project} spec={data.spec} waiting={status?.under_review ?? 0} />}
      {data && <Results project={project} spec={data.spec} />}
    </Page>
  );
}

function Unposted({ project, status }: { project: number; status: ProjectStatus }) {
  const { t, f } = useApp();
  const session = useSession();
  const [upload, setUpload] = useState<Upload | null>(null);
  useEffect(() => void keptUpload(session.account).then(setUpload), [session.account]);
  return (
    <p class="notice notice-wait">
      {t.publish.posted_of(f.number(status.posted), f.number(status.row.items))}{" "}
      {upload?.project === project ? <a href="/projects/new">{t.publish.go_on}</a> : t.publish.not_here}
    </p>
  );
}

const possible: Record<ProjectState, ProjectAction[]> = {
  posting: ["cancel"],
  open: ["pause", "end", "cancel"],
  paused: ["resume", "end", "cancel"],
  ended: [],
  cancelled: [],
};

function Actions({ project, state }: { project: number; state: ProjectState }) {
  const { t } = useApp();
  const [asked, setAsked] = useState<ProjectAction | null>(null);
  const change = useAction(async () => {
    if (!asked) return;
    await call("change_project", { project, action: asked });
    tell(t.actions.done[asked], "good");
    setAsked(null);
  });
  return (
    <>
      {possible[state].map((action) => (
        <Button key={action} look={action === "cancel" ? "danger" : "plain"} onClick={() => setAsked(action)}>
          {t.actions.names[action]}
        </Button>
      ))}
      {asked && (
        <Dialog title={t.actions.questions[asked]} onClose={() => setAsked(null)}>
          <p>{t.actions.explained[asked]}</p>
          <Problem error={change.error} />
          <div class="row row-end">
            <Button onClick={() => setAsked(null)}>{t.common.back}</Button>
            <Button look={asked === "cancel" || asked === "end" ? "danger" : "main"} onClick={() => void change.run()} isBusy={change.isBusy}>
              {t.actions.names[asked]}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
