#include "requester/post.h"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>
#include <unistd.h>

#include "common/cli/progress_bar.h"
#include "common/cli/safe_text.h"
#include "common/project/check_spec.h"
#include "requester/ask.h"
#include "requester/figures.h"
#include "requester/gold_spread.h"
#include "requester/send_items.h"

namespace tally::requester {
namespace {

using What = PostingPlan::What;

constexpr Duration note_every{1000};
// How long the broker may take to know a project everywhere that it has just opened.
constexpr int looks_max = 100;
constexpr std::chrono::milliseconds between_looks{100};

std::string number_of(const PostingNote& note) { return std::to_string(note.project.value); }

std::string canonical(const std::string& path) { return std::filesystem::weakly_canonical(path).string(); }

[[noreturn]] void fail_changed(const PostingNote& note, const std::string& note_path) {
  if (note.step == PostingStep::opening) {
    cli::fail_usage(
        "An earlier posting of these paths was interrupted before the broker confirmed it, and the files have "
        "changed since. Put them back to go on with it. Or give it up: if `tally-requester list` shows it "
        "as posting, cancel it there; then remove " +
        note_path);
  }
  cli::fail_usage("Project " + number_of(note) + " was interrupted after " + grouped(note.posted) +
                  " items, and the files have changed since, so the rest would not fit. Put them back as they were and "
                  "run this again to go on; or `tally-requester cancel " +
                  number_of(note) + "`, which returns what was reserved, and post anew");
}

[[noreturn]] void fail_stopped(const PostingStopped& stopped, const PostingNote& note) {
  const std::string way_out = " Nobody works on project " + number_of(note) +
                              " before all its items are there: put the file back as it was and run this again to go "
                              "on, or `tally-requester cancel " +
                              number_of(note) + "`, which returns what was reserved";
  if (!stopped.refusal) cli::fail_usage(stopped.changed + "." + way_out);
  if (stopped.refusal->code == RefusalCode::items_differ) {
    throw cli::Failure{cli::exit_refused, stopped.refusal->detail + "." + way_out};
  }
  cli::fail(*stopped.refusal);
}

}  // namespace

PostCommand::PostCommand(cli::Program& program) : program_(program) {
  CLI::App* post = program.app().add_subcommand("post", "Checks a batch, shows what it can cost at most, and posts it");
  post->add_option("PROJECT.toml", project_path_, "What is asked, and what it pays")->required();
  post->add_option("ITEMS.csv", items_path_, "The items, one a row, under a line of column names")->required();
  post->add_flag("-y,--yes", yes_, "Post without being asked");
  post->add_flag("--again", again_, "Post files that were posted already once more, as another project");
  post->callback([this] { run(); });
}

void PostCommand::run() {
  notes_ = PostingNotes(cli::tally_home() / "postings");
  auto batch = check_batch(project_path_, items_path_);
  if (!batch) cli::fail_usage(to_text(batch.error()) + "\nNothing was posted.");
  auto [what, note] = plan(*batch);
  if (what == What::start) {
    ask_whether(*batch);
    notes_.save(note);
  }
  if (what != What::posted_already && note.step == PostingStep::opening) {
    open(note, *batch);
    if (!is_still_posting(note)) what = What::posted_already;
  }
  if (what == What::posted_already) {
    say("These files were posted already, as project " + number_of(note) + ". --again posts them once more.\n");
    return;
  }
  if (note.posted > 0) say("Going on with project " + number_of(note) + " after " + grouped(note.posted) + " items.\n");
  warn_of_uneven_gold(note, *batch);
  send(note, *batch);
  say("Project " + number_of(note) + " is open: " + grouped(batch->items.items) + " items. `tally-requester watch " +
      number_of(note) + "` shows how it gets on.\n");
}

PostingPlan PostCommand::plan(const Batch& batch) {
  welcome_ = greet(program_);
  PostingNote wanted;
  wanted.owner = owner_of(program_.key_file().server_key, welcome_.account);
  wanted.content = content_of(wanted.owner, batch.project_digest, batch.items.digest);
  wanted.project_path = canonical(project_path_);
  wanted.items_path = canonical(items_path_);
  const PostingNotes::Found found = notes_.read();
  for (const std::string& path : found.damaged) {
    std::cerr << "The note of an earlier posting is damaged: " << cli::safe_for_terminal(path, false) << '\n';
  }
  std::vector<PostingNote> notes = found.notes;
  while (true) {
    PostingPlan plan = plan_posting(notes, wanted, again_);
    if (plan.what == What::start || plan.what == What::posted_already) return plan;
    const bool is_over = plan.note.step == PostingStep::posting && !is_still_posting(plan.note);
    if (!is_over && plan.what == What::go_on) return plan;
    if (!is_over) fail_changed(plan.note, notes_.path_of(plan.note).string());
    // What the note did not know: planned anew with it.
    for (PostingNote& note : notes) {
      if (note.content == plan.note.content && note.again == plan.note.again) note = plan.note;
    }
  }
}

bool PostCommand::is_still_posting(PostingNote& note) {
  auto status = program_.client().ask(GetStatus{note.project});
  for (int i = 0; i < looks_max && !status && status.error().code == RefusalCode::project_not_found; ++i) {
    std::this_thread::sleep_for(between_looks);
    status = program_.client().ask(GetStatus{note.project});
  }
  if (!status) cli::fail(status.error());
  if (status->row.state == ProjectState::posting) return true;
  note.step = status->posted < status->row.items ? PostingStep::abandoned : PostingStep::posted;
  notes_.save(note);
  return false;
}

void PostCommand::ask_whether(const Batch& batch) {
  if (auto fine = project::check_spec(batch.spec, Time{welcome_.now_ms}); !fine) {
    cli::fail_usage(project_path_ + ": " + fine.error().detail);
  }
  const auto cost = estimate(batch.spec.reward, batch.items.answers_max, welcome_.fee_ppm);
  if (!cost) cli::fail_usage("the worst case of this batch is more than money can be; lower the reward or split it");
  const Micros wallet = program_.ask(GetBalance{}).wallet;
  say(posting_text(batch, *cost, wallet, welcome_.currency));
  // With --yes the broker has the last word: what is missing may be reserved by this very posting, whose note was lost.
  if (wallet < cost->worst && !yes_) {
    throw cli::Failure{cli::exit_refused, money(cost->worst - wallet, welcome_.currency) +
                                              " is missing in the wallet; ask an admin to record a deposit. Nothing "
                                              "was posted. (Did you post these files before? Then --yes goes on.)"};
  }
  if (yes_) return;
  if (!is_interactive()) cli::fail_usage("nobody is here to be asked: add --yes to post. Nothing was posted.");
  const auto answer = ask_user("Post it? [y/N] ");
  if (!answer || (*answer != "y" && *answer != "Y" && *answer != "yes")) {
    throw cli::Failure{cli::exit_usage, "Nothing was posted."};
  }
}

void PostCommand::open(PostingNote& note, const Batch& batch) {
  const std::string key = posting_key(welcome_.account, batch.project_digest, batch.items.digest, note.again);
  const auto opened = program_.client().ask(OpenProject{key, batch.spec, batch.items.items, batch.items.answers_max});
  if (!opened) {
    notes_.remove(note);
    cli::fail(opened.error());
  }
  if (opened->part_size < 1 || welcome_.items_per_post_max < 1) {
    throw cli::Failure{cli::exit_refused, "the broker allows no items in a message; its configuration is broken"};
  }
  note.step = PostingStep::posting;
  note.project = opened->project;
  note.part_size = opened->part_size;
  note.items_per_post_max = welcome_.items_per_post_max;
  notes_.save(note);
}

// Not before: the broker tells the length of a run when it opens the project. Nobody works on it yet.
void PostCommand::warn_of_uneven_gold(const PostingNote& note, const Batch& batch) const {
  if (batch.spec.redundancy.confidence_ppm == 0) return;
  const auto thin = first_thin_run(batch.items.is_gold, note.part_size);
  if (thin) std::cerr << cli::safe_for_terminal(thin_run_text(*thin, items_path_, number_of(note)), false) << '\n';
}

void PostCommand::send(PostingNote& note, const Batch& batch) {
  auto items = ItemsStream::open(items_path_, batch.items);
  if (!items) fail_stopped({{}, items.error()}, note);
  Time noted = cli::steady_now();
  cli::ProgressBar bar(std::cerr, cli::progress_look(STDERR_FILENO), "items posted", batch.items.items, cli::steady_now,
                       note.posted);
  const auto progress = [&](std::int64_t posted) {
    note.posted = posted;
    bar.update(posted);
    if (cli::steady_now() - noted < note_every) return;
    noted = cli::steady_now();
    notes_.save(note);
  };
  const Posting posting{note.project, {note.items_per_post_max, note.part_size}, note.posted};
  const auto sent = send_items(program_.client().conversation(), program_.wait(), *items, posting, progress);
  bar.finish();
  if (!sent) {
    notes_.save(note);
    fail_stopped(sent.error(), note);
  }
  note.step = PostingStep::posted;
  notes_.save(note);
}

}  // namespace tally::requester
