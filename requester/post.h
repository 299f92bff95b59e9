#pragma once

#include <string>

#include "common/cli/program.h"
#include "requester/batch.h"
#include "requester/posting_note.h"

namespace tally::requester {

// `post project.toml items.csv`. Lives as long as the program runs.
class PostCommand {
 public:
  explicit PostCommand(cli::Program& program);

 private:
  void run();
  // What to do, as the notes and the broker know it; files_changed ends in a Failure.
  [[nodiscard]] PostingPlan plan(const Batch& batch);
  // Whether the broker still waits for items of this posting; notes it when not.
  [[nodiscard]] bool is_still_posting(PostingNote& note);
  void ask_whether(const Batch& batch);
  void open(PostingNote& note, const Batch& batch);
  void warn_of_uneven_gold(const PostingNote& note, const Batch& batch) const;
  void send(PostingNote& note, const Batch& batch);

  cli::Program& program_;
  PostingNotes notes_{{}};
  std::string project_path_;
  std::string items_path_;
  bool yes_ = false;
  bool again_ = false;
  Welcome welcome_;
};

}  // namespace tally::requester
